//! The command line as data.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use gbaspec_case::load::MOST_TRIES;
use gbaspec_reports::Format;

/// Conformance tests for the 3GPP Generic Bootstrapping Architecture.
///
/// Exit codes: 0 all required cases passed; 1 a failure; 2 wrong command line, profile or vector;
/// 3 the target cannot be reached or its sanity case failed; 4 nothing selected or too few cases;
/// 6 required cases inconclusive; 70 a bug of the tool; 130 interrupted.
#[derive(Debug, Parser)]
#[command(name = "gbaspec", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Use the vectors of this folder instead of the built-in ones.
    #[arg(long, global = true, value_name = "DIR", env = "GBASPEC_VECTORS")]
    pub(crate) vectors: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run cases against a target, or against the built-in reference peers.
    Run(RunOptions),
    /// List the cases.
    List(ListOptions),
    /// Tell what a case shows, and what it is proven to catch.
    Explain(ExplainOptions),
    /// Check vector files and profiles.
    Lint(LintOptions),
    /// Prove of each case that it can fail: faults x cases.
    Prove(ProveOptions),
    /// Show which requirement is tested by which cases.
    Coverage(CoverageOptions),
    /// Put a reference peer on the network.
    Serve(ServeOptions),
    /// Recompute the verdicts of a run from its evidence, without the target.
    Recheck(RecheckOptions),
    /// List the faults that a peer can be given.
    Faults,
}

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// Which cases: `ub/resync`, `24.109/4.5`, `portal`, `req:UB-4.5-07`, `table:4.5-6`,
    /// `level:shall`, a case, or a case file such as one that a property has left; all if none is
    /// given.
    #[arg(value_name = "SELECT")]
    pub(crate) select: Vec<String>,
    /// The profile of the target; the built-in reference peers if not given.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) target: Option<PathBuf>,
    /// Release whose message forms are sent; the profile's if not given.
    #[arg(long, value_name = "6|17", value_parser = PossibleValuesParser::new(["6", "17"]))]
    pub(crate) release: Option<String>,
    /// Seed of all random choices, in hex; a new one if not given.
    #[arg(long, value_name = "HEX", value_parser = hex_number)]
    pub(crate) seed: Option<u64>,
    /// What is written to standard output.
    #[arg(long, default_value = Format::Terminal.as_str(), value_parser = report_format())]
    pub(crate) format: Format,
    /// Also write a JSON report to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Also write a `JUnit` report to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Folder for events and transcripts; `run/<time>-<seed>` if not given.
    #[arg(long, value_name = "DIR")]
    pub(crate) run_dir: Option<PathBuf>,
    /// Write no evidence.
    #[arg(long, conflicts_with = "run_dir")]
    pub(crate) no_evidence: bool,
    /// At least so many cases must get a verdict.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) min_cases: usize,
    /// Sequences to try of each property; as many as the property says if not given.
    #[arg(long, value_name = "N", value_parser = tries())]
    pub(crate) tries: Option<usize>,
    /// The target is yours, although its address is public.
    #[arg(long)]
    pub(crate) i_own_this_target: bool,
    /// Tell more of what is not wrong.
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t = ColourChoice::Auto)]
    pub(crate) color: ColourChoice,
}

#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    /// Which cases; all if none is given.
    #[arg(value_name = "SELECT")]
    pub(crate) select: Vec<String>,
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = FactFormat::Text)]
    pub(crate) format: FactFormat,
    /// Print only how many there are.
    #[arg(long)]
    pub(crate) count: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainOptions {
    /// The case.
    pub(crate) case: String,
}

#[derive(Debug, Args)]
pub(crate) struct LintOptions {
    /// Vector files, folders of vectors, or target profiles.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct ProveOptions {
    /// Which cases; all if none is given.
    #[arg(value_name = "SELECT")]
    pub(crate) select: Vec<String>,
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = FactFormat::Text)]
    pub(crate) format: FactFormat,
    /// Tell more of what is not wrong.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CoverageOptions {
    /// Only these specifications, for example `24.109`.
    #[arg(long, value_name = "DOCUMENT", value_delimiter = ',')]
    pub(crate) spec: Vec<String>,
    /// Only these clauses with their subclauses, for example `4.5`.
    #[arg(long, value_name = "CLAUSE", value_delimiter = ',')]
    pub(crate) clause: Vec<String>,
    /// The form of the output.
    #[arg(long, value_enum, default_value_t = FactFormat::Text)]
    pub(crate) format: FactFormat,
    /// Fail (exit 1) if an observable `shall` is not tested.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Tell every row, also without --spec or --clause.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// The role to play.
    pub(crate) role: ServedRole,
    /// Where to listen; the address of the role's built-in profile if not given.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Where the application servers behind it are (proxy); the address at which the harness of the
    /// built-in profile listens as one, if not given.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) upstream: Option<String>,
    /// Where to listen inside TLS as well, with a certificate made for this run.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) tls_listen: Option<String>,
    /// Write the CA certificate of this run, in PEM, to this file.
    #[arg(long, value_name = "FILE", requires = "tls_listen")]
    pub(crate) write_ca: Option<PathBuf>,
    /// The HSS that a bsf asks over Diameter; it knows no subscriber itself then.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) zh: Option<String>,
    /// Where a bsf serves NAFs over Diameter; of a naf, the BSF that it asks.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) zn: Option<String>,
    /// Where a bsf or hss offers its service-based interface, over HTTP/2.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) sbi: Option<String>,
    /// The HSS that a bsf asks over HTTP/2; of a naf, the BSF.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "zh")]
    pub(crate) asks_sbi: Option<String>,
    /// Where to share keys in TLS handshakes as well (naf).
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) psk_listen: Option<String>,
    /// The fault to have; `gbaspec faults` lists them.
    #[arg(long, value_name = "ID")]
    pub(crate) fault: Option<String>,
    /// Seed of all random choices, in hex.
    #[arg(long, value_name = "HEX", value_parser = hex_number, default_value = "1")]
    pub(crate) seed: u64,
    /// Print user names and passwords of the public test subscribers (naf and portal).
    #[arg(long)]
    pub(crate) show_test_credentials: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RecheckOptions {
    /// The folder of a run, or the folder that holds runs: then the latest.
    pub(crate) run: PathBuf,
    /// The profile of the target, for its keys; the one that the run names if not given.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) target: Option<PathBuf>,
    /// A case file that the run was given, in the same order.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FactFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ColourChoice {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ServedRole {
    Bsf,
    Naf,
    Portal,
    Proxy,
    Hss,
}

/// Every format that the reports know, by its name there.
fn report_format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str))
        .map(|name| Format::from_name(&name).unwrap_or(Format::Terminal))
}

fn tries() -> impl TypedValueParser<Value = usize> {
    let most = MOST_TRIES as u64;
    let range = RangedU64ValueParser::<u64>::new().range(1..=most);
    range.map(|number| usize::try_from(number).unwrap_or(MOST_TRIES))
}

fn hex_number(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    u64::from_str_radix(digits, 16).map_err(|_| "write up to 16 hex digits".to_owned())
}
