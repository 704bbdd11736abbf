//! Damages files at random and reads them, for a number of seconds, and prints each that panics or takes too long:
//! `cargo run --release -p kairos-formats --example fuzz -- 600 a.gpx b.fit …`. What it finds becomes a test.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a program for a developer's terminal"
)]

use std::panic::catch_unwind;
use std::time::{Duration, Instant};
use std::{env, fs};

use chrono::DateTime;
use kairos_domain::line::encoding;
use kairos_formats::assign::{TakeAs, assign};
use kairos_formats::{ReadOptions, read};

/// A file of a few kilobytes that takes longer has found something.
const TOO_SLOW: Duration = Duration::from_millis(500);

fn main() {
    let mut arguments = env::args().skip(1);
    let seconds: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(60);
    let seeds: Vec<Vec<u8>> = arguments.map(|path| fs::read(path).unwrap()).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let start = Instant::now();
    let (mut count, mut read_count) = (0_u64, 0_u64);
    while start.elapsed().as_secs() < seconds {
        let bytes = damaged(&seeds, &mut random);
        let begin = Instant::now();
        match catch_unwind(|| is_read(&bytes)) {
            Ok(is_read) => read_count += u64::from(is_read),
            Err(_) => keep(&bytes, "panic"),
        }
        if begin.elapsed() > TOO_SLOW {
            keep(&bytes, "slow");
        }
        count += 1;
    }
    println!("{count} files, {read_count} of them were read");
}

/// Reads a file, and the bytes as an encoded line, too.
fn is_read(bytes: &[u8]) -> bool {
    encoding::decode(bytes).ok();
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let options = ReadOptions {
        now,
        charset: None,
        with_waypoints: true,
        is_cancelled: &|| false,
    };
    let Ok(file) = read(bytes, &options) else {
        return false;
    };
    assign(file, TakeAs::Auto, None, now).is_ok()
}

fn keep(bytes: &[u8], what: &str) {
    let name = format!(
        "{what}-{}.bin",
        bytes
            .iter()
            .fold(17_u64, |hash, byte| hash.wrapping_mul(31) + u64::from(*byte))
    );
    fs::write(env::temp_dir().join(&name), bytes).unwrap();
    println!("{}", env::temp_dir().join(name).display());
}

fn damaged(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..random.below(8) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] = random.next() as u8,
            1 => bytes[at] ^= 1 << random.below(8),
            2 => bytes.truncate(at),
            3 => {
                let end = (at + random.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let end = (at + random.below(256)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len().max(1)).min(other.len());
                let end = (from + random.below(128)).min(other.len());
                bytes.splice(at..at, other[from..end].iter().copied());
            }
        }
    }
    bytes
}

/// Xorshift: the same files each time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}
