//! What the project's own pages say about profiles holds: each example loads.

use std::fs;
use std::path::Path;

use gbaspec_case::case::Need;
use gbaspec_case::element::Element;
use gbaspec_case::load::{Source, load_profile};
use gbaspec_case::profile::TargetProfile;
use rstest::rstest;

#[rstest]
#[case::of_a_bsf("lab-bsf", Element::Bsf)]
#[case::of_a_client("lab-ue", Element::Ue)]
#[case::of_a_portal("lab-portal", Element::Portal)]
#[case::of_a_proxy("lab-proxy", Element::Proxy)]
fn the_profile_of_the_readme_loads(#[case] name: &str, #[case] role: Element) {
    let text = example(&format!("name: {name}"));
    let profile = load(name, &text);
    assert_eq!(profile.role, role);
}

/// The other blocks are parts that go into the profile of a BSF.
#[rstest]
#[case::of_tls("tls-address:")]
#[case::of_gba_digest("gba-digest:")]
fn the_profile_of_the_readme_loads_with_the_part(#[case] first: &str) {
    let whole = example("name: lab-bsf");
    load(first, &format!("{whole}{}", example(first)));
}

#[test]
fn the_subscribers_of_the_readme_load() {
    let text = "name: lab\nrole: bsf\naddress: \"127.0.0.1:8080\"\nnames: { bsf: bsf.home1.net }\n";
    let profile = load("subscribers", &format!("{text}{}", example("subscribers:")));
    assert_eq!(profile.scene.subscribers.len(), 4);
}

/// A newcomer finds every claim in the table, and no claim that there is not.
#[test]
fn the_claims_of_the_readme_load() {
    let readme = readme();
    let table = readme.split("| claim | meaning |").nth(1).expect("a table");
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let names = rows.flat_map(|row| {
        let names = row.split('|').nth(1).unwrap_or("").split(", ");
        names.map(|name| name.trim().trim_matches('`').to_owned())
    });
    let names: Vec<String> = names.collect();
    let text = example("name: lab-bsf")
        .replace("[replaces-challenge]", &format!("[{}]", names.join(", ")));
    let profile = load("claims", &text);
    let claimed = names.len();
    let derived = profile
        .scene
        .capabilities
        .iter()
        .filter(|need| FOLLOWS.contains(need));
    assert_eq!(profile.scene.capabilities.len() - derived.count(), claimed);
    assert_eq!(claimed, Need::NAMES.len() - FOLLOWS.len());
}

/// What follows from other parts of a profile.
const FOLLOWS: [Need; 13] = [
    Need::Zh,
    Need::ZhSbi,
    Need::Zn,
    Need::ZnSbi,
    Need::SecondSubscriber,
    Need::AllowedSession,
    Need::RefusedSession,
    Need::ExpiredSession,
    Need::DerivedSession,
    Need::AgeLimit,
    Need::PublicIdentity,
    Need::SecondPublicIdentity,
    Need::SecondApplication,
];

/// The text of the block that begins with this line, without the indentation of a list.
fn example(first: &str) -> String {
    let readme = readme();
    let blocks = readme.split("```yaml\n").skip(1);
    let mut blocks = blocks.map(|rest| rest.split("```").next().unwrap_or(""));
    let block = blocks.find(|block| block.trim_start().starts_with(first));
    let block = block.unwrap_or_else(|| panic!("the README has no example `{first}`"));
    let indent = block.len() - block.trim_start_matches(' ').len();
    let lines = block.lines().map(|line| line.get(indent..).unwrap_or(""));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn readme() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    fs::read_to_string(path).expect("the README is there")
}

fn load(name: &str, text: &str) -> TargetProfile {
    let source = Source {
        name: format!("{name}.yaml"),
        text: text.to_owned(),
    };
    let environment = |variable: &str| {
        let octets = if variable == "LAB_TOPC" || variable == "LAB_KS_NAF" {
            32
        } else {
            16
        };
        Some("a5".repeat(octets))
    };
    load_profile(&source, &environment).unwrap_or_else(|problems| panic!("{problems:?}"))
}
