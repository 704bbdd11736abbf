# The commands that people use. `just` lists them; each is one line that works without `just`, too.

_list:
    @just --list

# Starts the service on http://127.0.0.1:8000
run *ARGS:
    cargo run --release -- {{ARGS}}

# Serves a temporary store with sample riders
demo:
    cargo run --release -- demo

# Runs all tests on both stores
test *ARGS:
    cargo test --workspace --no-fail-fast {{ARGS}}

# Formats the code, and lints it as CI does
lint:
    cargo fmt --all
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Writes the snapshot of the API document and the TypeScript client anew
bless:
    KAIROS_BLESS=1 cargo test --workspace --test on_sqlite document
    clients/typescript/check --write

# Runs everything that CI runs
ci:
    .ci/run
