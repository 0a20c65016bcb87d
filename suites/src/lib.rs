//! The suites: the embedded vectors, which cases a suite holds, and the profiles of the embedded
//! peers.

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

use gbaspec_case::load::Source;

/// All vector files of this build, by their name relative to the folder of the vectors.
pub fn vectors() -> Vec<Source> {
    sources(embedded::VECTORS)
}

/// The profiles of the embedded peers, one a role; they also fit `gbaspec serve`.
pub fn profiles() -> Vec<Source> {
    sources(embedded::PROFILES)
}

/// The manifest of the one suite that there is.
pub fn manifest() -> Source {
    sources(embedded::MANIFESTS).pop().unwrap_or(Source {
        name: String::new(),
        text: String::new(),
    })
}

fn sources(table: &[(&str, &str)]) -> Vec<Source> {
    let source = |(name, text): &(&str, &str)| Source {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
    };
    table.iter().map(source).collect()
}
