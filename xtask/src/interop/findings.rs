//! What a run found, and what it should find.

use std::collections::BTreeSet;

use serde_json::Value;

/// One finding without its reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) case: String,
    /// `fail`, `inconclusive`, `error`, or `warning` of a case that passes; of a decoder `malformed` or
    /// `unknown`.
    pub(super) verdict: String,
    /// The rules that the findings of the case name; of a decoder what it says.
    pub(super) requirement: String,
}

/// The checked-in list: YAML, and so plain that it is read by the line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expected {
    /// So many cases pass at least; with fewer the lane has not done its work.
    pub(super) least_passes: usize,
    pub(super) findings: Vec<Finding>,
}

impl Expected {
    /// Reads the list; each finding has a reason in words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut least_passes = None;
        let mut findings = Vec::new();
        let mut lines = text.lines().enumerate().filter(|(_, line)| {
            let line = line.trim_start();
            !line.is_empty() && !line.starts_with('#')
        });
        while let Some((index, line)) = lines.next() {
            let at = |what: &str| format!("expected.yaml:{}: {what}", index + 1);
            if let Some(number) = line.strip_prefix("least-passes: ") {
                least_passes = Some(number.parse().map_err(|_| at("no number"))?);
            } else if let Some(case) = line.strip_prefix("  - case: ") {
                let mut value = |key: &str| {
                    let next = lines.next().map(|(_, line)| line.trim_start());
                    let value = next.and_then(|line| line.strip_prefix(key)?.strip_prefix(": "));
                    value
                        .map(|value| value.trim_matches('"').to_owned())
                        .ok_or_else(|| at(&format!("a finding without its {key}")))
                };
                findings.push(Finding {
                    case: case.to_owned(),
                    verdict: value("verdict")?,
                    requirement: value("requirement")?,
                });
                value("reason")?;
            } else if !["findings:", "findings: []"].contains(&line) {
                return Err(at("neither least-passes nor a finding"));
            }
        }
        let least_passes = least_passes.ok_or("expected.yaml: no least-passes")?;
        Ok(Self {
            least_passes,
            findings,
        })
    }
}

/// What a run found.
pub(super) struct Findings {
    pub(super) passed: usize,
    found: BTreeSet<Finding>,
    /// How the run ended, if not with a verdict on cases.
    stopped: Option<String>,
}

impl Findings {
    /// What was found by other means than a run.
    pub(super) fn new(passed: usize, found: BTreeSet<Finding>) -> Self {
        Self {
            passed,
            found,
            stopped: None,
        }
    }

    /// Reads the report of a run (`gbaspec.run/1`).
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let report: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
        let cases = report["cases"].as_array().ok_or("a report without cases")?;
        let passes = |case: &&Value| case["verdict"]["outcome"] == "pass";
        let stopped = report["summary"]["stopped"].as_str().map(str::to_owned);
        Ok(Self {
            passed: cases.iter().filter(passes).count(),
            found: cases.iter().flat_map(of_case).collect(),
            stopped,
        })
    }

    /// What was not expected, and what was expected in vain.
    pub(super) fn differences(&self, expected: &Expected) -> Vec<String> {
        let known: BTreeSet<Finding> = expected.findings.iter().cloned().collect();
        let shown = |finding: &Finding| {
            let Finding {
                case,
                verdict,
                requirement,
            } = finding;
            format!("{case}: {verdict} {requirement}")
        };
        let new = self.found.difference(&known);
        let gone = known.difference(&self.found);
        let mut differences: Vec<String> = new
            .map(|finding| format!("not expected: {}", shown(finding)))
            .chain(gone.map(|finding| format!("not found any more: {}", shown(finding))))
            .collect();
        if self.passed < expected.least_passes {
            let (passed, least) = (self.passed, expected.least_passes);
            differences.push(format!("{passed} cases pass, of at least {least}"));
        }
        differences.extend(self.stopped.iter().map(|why| format!("stopped: {why}")));
        differences
    }
}

/// The findings of one case: what made it worse than a pass, and its warnings.
fn of_case(case: &Value) -> Vec<Finding> {
    let id = case["case"]["id"].as_str().unwrap_or_default();
    let verdict = &case["verdict"];
    let outcome = verdict["outcome"].as_str().unwrap_or_default();
    let of = |list: &Value, word: &str| {
        let rules = list.as_array().into_iter().flatten();
        let rules = rules.filter_map(|finding| finding["requirement"].as_str());
        let rules: BTreeSet<&str> = rules.collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        Finding {
            case: id.to_owned(),
            verdict: word.to_owned(),
            requirement: rules.join(", "),
        }
    };
    let mut findings = Vec::new();
    if outcome != "pass" {
        findings.push(of(&verdict["findings"], outcome));
    }
    if verdict["warnings"]
        .as_array()
        .is_some_and(|all| !all.is_empty())
    {
        findings.push(of(&verdict["warnings"], "warning"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Expected, Findings};

    const LIST: &str = "# comment\nleast-passes: 1\nfindings:\n  - case: a/b/c\n    verdict: fail\n    requirement: X-1\n    reason: it does not look\n";
    const REPORT: &str = r#"{"summary": {"stopped": null}, "cases": [
        {"case": {"id": "a/b/c"}, "verdict": {"outcome": "fail", "findings": [{"requirement": "X-1"}], "warnings": []}},
        {"case": {"id": "a/b/d"}, "verdict": {"outcome": "pass", "findings": [], "warnings": []}}]}"#;

    fn differences(list: &str, report: &str) -> Vec<String> {
        let expected = Expected::parse(list).expect("a list");
        Findings::parse(report)
            .expect("a report")
            .differences(&expected)
    }

    #[test]
    fn finds_no_difference_between_equal_lists() {
        assert_eq!(differences(LIST, REPORT), Vec::<String>::new());
    }

    #[test]
    fn tells_of_what_is_new_and_of_what_is_gone() {
        let told = differences(&LIST.replace("X-1", "X-2"), REPORT);
        let expected = [
            "not expected: a/b/c: fail X-1",
            "not found any more: a/b/c: fail X-2",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn tells_of_a_warning_and_of_too_few_passes() {
        let report = REPORT.replace(
            r#""findings": [], "warnings": []"#,
            r#""findings": [], "warnings": [{"requirement": "Y-1"}]"#,
        );
        let told = differences(&LIST.replace("passes: 1", "passes: 2"), &report);
        let expected = [
            "not expected: a/b/d: warning Y-1",
            "1 cases pass, of at least 2",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn refuses_a_finding_without_its_reason() {
        let text = LIST.replace("    reason: it does not look\n", "");
        let why = Expected::parse(&text).expect_err("a reason is missing");
        assert_eq!(why, "expected.yaml:4: a finding without its reason");
    }
}
