//! What keeps a command from doing its work, and the exit code that it leads to.

use std::path::PathBuf;

use gbaspec_case::load::Problem;
use gbaspec_case::select::MatchesNothing;
use gbaspec_drive::DriveError;
use gbaspec_drive::runner::exit;

/// An expected failure; each has its exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Vectors, suites or profiles are not sound.
    Problems(Vec<Problem>),
    /// A pattern selects nothing.
    NoMatch(MatchesNothing),
    /// The patterns select no case for this target.
    NothingFor(String),
    /// A file cannot be read or written.
    File(PathBuf, std::io::Error),
    /// A name on the command line is not known.
    Unknown {
        what: &'static str,
        name: String,
        advice: String,
    },
    /// The harness cannot do what it has to.
    Drive(DriveError),
    /// A stored run cannot be used.
    Run(String),
    /// Something that should not happen.
    Bug(anyhow::Error),
}

impl Failure {
    /// Tells the user, and gives the exit code.
    #[expect(clippy::print_stderr, reason = "the command line speaks to people")]
    pub(crate) fn report(self) -> u8 {
        match self {
            Self::Problems(problems) => {
                for problem in &problems {
                    eprintln!("error: {problem}");
                }
                eprintln!("{} found", counted(problems.len(), "problem"));
                exit::USAGE
            }
            Self::NoMatch(nothing) => {
                eprintln!("error: `{}` selects no case", nothing.pattern);
                match nothing.near {
                    Some(near) => eprintln!("  advice: did you mean `{near}`?"),
                    None => eprintln!("  advice: `gbaspec list` shows all cases"),
                }
                exit::TOO_FEW
            }
            Self::NothingFor(role) => {
                eprintln!("error: the patterns select no case for a {role}");
                eprintln!("  advice: `gbaspec list role:{role}` shows its cases");
                exit::TOO_FEW
            }
            Self::File(path, why) => {
                eprintln!("error: {}: {why}", path.display());
                exit::USAGE
            }
            Self::Unknown { what, name, advice } => {
                eprintln!("error: unknown {what} `{name}`\n  advice: {advice}");
                exit::USAGE
            }
            Self::Drive(why) => {
                eprintln!("error: {why}");
                exit::USAGE
            }
            Self::Run(why) => {
                eprintln!("error: {why}");
                exit::USAGE
            }
            Self::Bug(why) => {
                eprintln!("bug: {why:#}");
                exit::BUG
            }
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(why: anyhow::Error) -> Self {
        Self::Bug(why)
    }
}

/// A number with its noun.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    if number == 1 {
        format!("1 {noun}")
    } else {
        format!("{number} {noun}s")
    }
}
