//! `cargo xtask`: the chores of the developers.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the command line speaks to people"
)]

use std::process::ExitCode;

use xtask::{corpus, interop, new_case, root, schema, tidy};

const USAGE: &str = "\
usage: cargo xtask CHORE

  schema            write vectors/schema/*.json, for editors that complete and check YAML
  corpus            write the seeds of the fuzz targets from the vectors
  tidy              check the invariants of ARCHITECTURE.md
  new-case ID REQ   append a case to its topic's file, for example
                    new-case ub/resync/answers-twice UB-4.5-07
  interop [LANE...] run the suite against programs of others on loopback, all that are
                    installed if none is named; --install installs Debian packages";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = root();
    let done = match words.as_slice() {
        ["schema"] => schema::write(&root),
        ["corpus"] => corpus::write(&root),
        ["tidy"] => tidy::run(&root),
        ["interop", rest @ ..] => interop::run(&root, rest),
        ["new-case", id, requirement] => new_case::append(&root, id, requirement),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
