//! Compresses the assets of the pages once, and writes a table of them.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a build script ends the build when something is missing, and reads cargo's variables"
)]

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

/// Files below `assets/`.
const OWN: [&str; 7] = [
    "pages/docs.js",
    "pages/redoc.js",
    "pages/reset-password.js",
    "pages/token-page.css",
    "pages/token-page.js",
    "pages/verify.js",
    "redoc/redoc.standalone.js",
];

/// Files of Swagger UI, from the crate that vendors them.
const SWAGGER_UI: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

fn main() {
    let mut table = String::from("[\n");
    for path in OWN {
        println!("cargo::rerun-if-changed=assets/{path}");
        let name = path.rsplit('/').next().unwrap();
        add(
            &mut table,
            name,
            &fs::read(Path::new("assets").join(path)).unwrap(),
        );
    }
    println!("cargo::rerun-if-changed=build.rs");
    let mut swagger_ui =
        ZipArchive::new(Cursor::new(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED)).unwrap();
    let first = swagger_ui.file_names().next().unwrap().unwrap().into_owned();
    let (folder, _) = first.split_once('/').unwrap();
    for name in SWAGGER_UI {
        let mut file = swagger_ui.by_name(&format!("{folder}/dist/{name}")).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        add(&mut table, name, &bytes);
    }
    table += "]\n";
    fs::write(out("assets.rs"), table).unwrap();
}

fn out(name: &str) -> PathBuf {
    Path::new(&env::var_os("OUT_DIR").unwrap()).join(name)
}

/// Writes an asset in three encodings, and adds it to the table.
fn add(table: &mut String, name: &str, bytes: &[u8]) {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    let mut brotli = Vec::new();
    brotli::BrotliCompress(
        &mut &*bytes,
        &mut brotli,
        &brotli::enc::BrotliEncoderParams::default(),
    )
    .unwrap();
    fs::write(out(name), bytes).unwrap();
    fs::write(out(&format!("{name}.gz")), gzip.finish().unwrap()).unwrap();
    fs::write(out(&format!("{name}.br")), brotli).unwrap();
    let hash: String = Sha256::digest(bytes)
        .iter()
        .take(8)
        .fold(String::new(), |mut hash, byte| {
            write!(hash, "{byte:02x}").unwrap();
            hash
        });
    let include = |ending: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}{ending}\"))");
    writeln!(
        table,
        "Asset {{ name: \"{name}\", hash: \"{hash}\", plain: {}, gzip: {}, brotli: {} }},",
        include(""),
        include(".gz"),
        include(".br"),
    )
    .unwrap();
}
