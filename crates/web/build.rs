//! Compresses all files that browsers load, and writes tables of them.
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

/// Files that the server's own pages load.
const OF_PAGES: [&str; 7] = [
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

/// Folders of the web app. Their files name each other by relative paths.
const OF_THE_APP: [&str; 2] = ["app", "vendor"];

/// Endings of the files of the web app. Licences and lists beside them are not served.
const SERVED: [&str; 6] = ["css", "js", "json", "mjs", "png", "svg"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    write_table("pages.rs", &pages());
    let app = app();
    write_table("app.rs", &app);
    println!("cargo::rustc-env=KAIROS_APP_FOLDER=app-{}", hash_of_all(&app));
    let maps = maps();
    write_table("maps.rs", &maps);
    println!("cargo::rustc-env=KAIROS_MAP_FOLDER=map-{}", hash_of_all(&maps));
}

/// A file to embed.
struct File {
    /// The name, or the path from the root of its folder.
    name: String,
    hash: String,
    bytes: Vec<u8>,
}

impl File {
    fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: name.to_owned(),
            hash: hash([bytes.as_slice()]),
            bytes,
        }
    }
}

fn pages() -> Vec<File> {
    let mut files = Vec::new();
    for path in OF_PAGES {
        println!("cargo::rerun-if-changed={path}");
        let name = path.rsplit('/').next().unwrap();
        files.push(File::new(name, fs::read(path).unwrap()));
    }
    let mut swagger_ui =
        ZipArchive::new(Cursor::new(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED)).unwrap();
    let first = swagger_ui.file_names().next().unwrap().unwrap().into_owned();
    let (folder, _) = first.split_once('/').unwrap();
    for name in SWAGGER_UI {
        let mut file = swagger_ui.by_name(&format!("{folder}/dist/{name}")).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.push(File::new(name, bytes));
    }
    files
}

fn app() -> Vec<File> {
    let mut paths = Vec::new();
    for folder in OF_THE_APP {
        println!("cargo::rerun-if-changed={folder}");
        collect(Path::new(folder), &mut paths);
    }
    let is_served = |path: &PathBuf| {
        SERVED
            .iter()
            .any(|ending| path.extension().is_some_and(|e| e == *ending))
    };
    let is_list = |path: &PathBuf| path.ends_with("vendor.json");
    paths.retain(|path| is_served(path) && !is_list(path));
    embedded(paths)
}

fn maps() -> Vec<File> {
    println!("cargo::rerun-if-changed=map");
    let mut paths = Vec::new();
    collect(Path::new("map"), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "pmtiles"));
    let mut files = embedded(paths);
    for file in &mut files {
        file.name = file.name.rsplit('/').next().unwrap().to_owned();
    }
    files
}

/// Reads files, in the order of their paths.
fn embedded(mut paths: Vec<PathBuf>) -> Vec<File> {
    paths.sort();
    let file = |path: &PathBuf| {
        File::new(
            &path.to_str().unwrap().replace('\\', "/"),
            fs::read(path).unwrap(),
        )
    };
    paths.iter().map(file).collect()
}

/// Adds all files below a folder.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

/// Writes the files, compressed unless they are maps, and a table that embeds them.
fn write_table(table_name: &str, files: &[File]) {
    let mut table = String::from("[\n");
    for File { name, hash, bytes } in files {
        let is_compressed = !name.ends_with(".pmtiles");
        write_unless_there(hash, || bytes.clone());
        if is_compressed {
            write_unless_there(&format!("{hash}.gz"), || gzip(bytes));
            write_unless_there(&format!("{hash}.br"), || brotli(bytes));
        }
        let include =
            |ending: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{hash}{ending}\"))");
        let compressed = if is_compressed {
            format!(
                "Some(Compressed {{ gzip: {}, brotli: {} }})",
                include(".gz"),
                include(".br")
            )
        } else {
            "None".to_owned()
        };
        writeln!(
            table,
            "Asset {{ name: \"{name}\", hash: \"{hash}\", plain: {}, compressed: {compressed} }},",
            include(""),
        )
        .unwrap();
    }
    table += "]\n";
    fs::write(out(table_name), table).unwrap();
}

/// Writes a file that is named by its content, so that a build compresses only what has changed.
fn write_unless_there(name: &str, bytes: impl FnOnce() -> Vec<u8>) {
    let path = out(name);
    if !path.exists() {
        let unfinished = out(&format!("{name}.unfinished"));
        fs::write(&unfinished, bytes()).unwrap();
        fs::rename(unfinished, path).unwrap();
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn brotli(mut bytes: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    // The best quality takes half a minute, which a debug build does not spend.
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: if is_release { 11 } else { 5 },
        ..Default::default()
    };
    brotli::BrotliCompress(&mut bytes, &mut compressed, &parameters).unwrap();
    compressed
}

fn out(name: &str) -> PathBuf {
    Path::new(&env::var_os("OUT_DIR").unwrap()).join(name)
}

/// Hashes the names and contents of files.
fn hash_of_all(files: &[File]) -> String {
    hash(
        files
            .iter()
            .flat_map(|file| [file.name.as_bytes(), file.hash.as_bytes()]),
    )
}

/// Returns the first 64 bits of a hash in hexadecimal.
fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let digest = hasher.finalize();
    digest.iter().take(8).fold(String::new(), |mut hash, byte| {
        write!(hash, "{byte:02x}").unwrap();
        hash
    })
}
