//! The command line of gbaspec: arguments, wiring, exit codes.

mod arguments;
mod coverage;
mod failure;
mod inspect;
mod prove;
mod recheck;
mod run;
mod serve;
mod workspace;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;
use failure::Failure;
use gbaspec_drive::runner::exit;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A bug must end as a bug, and not as a verdict; what was recorded until then is on the disk.
    let outcome = std::panic::catch_unwind(|| dispatch(arguments));
    ExitCode::from(match outcome {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => failure.report(),
        Err(_) => exit::BUG,
    })
}

fn dispatch(arguments: Arguments) -> Result<u8, Failure> {
    let vectors = arguments.vectors;
    match arguments.command {
        Command::Run(options) => run::run(vectors.as_deref(), &options),
        Command::List(options) => inspect::list(vectors.as_deref(), &options),
        Command::Explain(options) => inspect::explain(vectors.as_deref(), &options),
        Command::Lint(options) => inspect::lint(vectors.as_deref(), &options),
        Command::Prove(options) => prove::prove(vectors.as_deref(), &options),
        Command::Coverage(options) => coverage::coverage(vectors.as_deref(), &options),
        Command::Serve(options) => serve::serve(&options),
        Command::Recheck(options) => recheck::recheck(vectors.as_deref(), &options),
        Command::Faults => Ok(inspect::faults()),
    }
}
