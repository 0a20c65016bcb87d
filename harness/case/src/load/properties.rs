//! Reads the properties of a case file: cuts their steps out of the text, and has every move read
//! once as part of a case, so that a mistake is found when the file is loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::Loaded;
use super::block::{Entry, Key, Lines};
use super::expand::{fits_a_line, is_name, problem, variables, without};
use super::lower;
use super::problem::{Problem, did_you_mean};
use super::raw;
use super::yaml::{self, Located, Source};
use crate::case::{Case, CaseId};
use crate::property::{
    BEFORE, Drawn, EARLIER, Line, Move, NUMBER, Piece, Property, STEP_INDENT, Sequence,
};

/// No sequence that somebody wants to read is longer.
const MOST_MOVES: usize = 100;

/// No run tries more sequences of one property.
pub const MOST_TRIES: usize = 10_000;

/// No list of moves or values that somebody reads is longer.
const LONGEST_LIST: usize = 64;

/// No file has so much text in all moves of its properties with all their values.
const MOST_OCTETS: usize = 8 << 20;

/// How far the cases of a file are indented.
const ENTRY_INDENT: usize = 2;

/// The keys of a property that no case has.
const OWN_KEYS: [&str; 7] = [
    "id",
    "invariants",
    "most-moves",
    "tries",
    "start",
    "moves",
    "end",
];

/// The keys of a file that are no part of its head.
const LISTS: [&str; 2] = ["cases", "properties"];

/// Reads the properties, one case each, and takes them out of the text.
pub(crate) fn read_properties(source: &Source, loaded: &mut Loaded) -> String {
    if !source.text.contains("properties:") {
        return source.text.clone();
    }
    let lines = Lines::new(source);
    let keys = lines.keys(&lines.all());
    let head = head_of(source, &lines, &keys);
    let mut taken = Vec::new();
    let mut octets = 0;
    for key in keys.iter().filter(|key| key.name == "properties") {
        let entries = lines.entries(key);
        if entries.is_empty() {
            continue;
        }
        taken.push(key.lines.start + 1..key.lines.end);
        for entry in entries {
            // Without a head that can be read, the rest of the file is refused for the same reason.
            let Some((head, topic)) = &head else { break };
            let reader = Reader {
                topic,
                head,
                source,
                lines: &lines,
                keys: lines.keys_of(&entry),
                entry,
                problems: Vec::new(),
            };
            match reader.case(loaded, &mut octets) {
                Ok(case) => loaded.library.cases.push(case),
                Err(problems) => loaded.problems.extend(problems),
            }
        }
    }
    without(&source.text, &taken)
}

/// What every case of the file begins with, and the topic in it.
fn head_of(source: &Source, lines: &Lines<'_>, keys: &[Key]) -> Option<(Piece, String)> {
    let head = keys
        .iter()
        .filter(|key| !LISTS.contains(&key.name.as_str()));
    let mut head: Vec<Line> = head
        .flat_map(|key| piece(lines, key.lines.clone(), 0, 0).0)
        .collect();
    head.push(Line {
        text: "cases:".to_owned(),
        origin: 1,
        shift: 0,
    });
    let head = Piece(head);
    let (name, text) = (source.name.clone(), head.text());
    let file: raw::CaseFile = yaml::read(&Source { name, text }).ok()?;
    Some((head, file.topic.value))
}

/// By how many columns a line moves from one indentation to another.
fn shift(from: usize, to: usize) -> i64 {
    i64::try_from(to).unwrap_or(0) - i64::try_from(from).unwrap_or(0)
}

/// These lines, moved from one indentation to another.
fn piece(lines: &Lines<'_>, range: Range<usize>, from: usize, to: usize) -> Piece {
    let moved = range.map(|index| {
        let text = lines.line(index).trim_end_matches('\r');
        let blanks = text.len() - text.trim_start_matches(' ').len();
        // The hyphen before the first key of an entry is no part of that key.
        let is_key = lines.map_indent(index) == Some(from);
        let kept = text.get(if is_key { from } else { from.min(blanks) }..);
        let kept = kept.unwrap_or("");
        let indent = if kept.is_empty() { 0 } else { to };
        Line {
            text: format!("{:indent$}{kept}", ""),
            origin: index as u64 + 1,
            shift: shift(from, to),
        }
    });
    Piece(moved.collect())
}

/// The case that a sequence makes, as the loader reads it.
pub(crate) fn case_of(
    property: &Property,
    sequence: &Sequence,
    loaded: &super::Library,
) -> Result<Case, String> {
    let composed = property
        .compose(sequence, property.id.slug())
        .map_err(|why| why.to_string())?;
    let source = Source {
        name: format!("found/{}.yaml", property.id.as_str().replace('/', "__")),
        text: composed.text(),
    };
    let (mut cases, problems) = lower::cases_of(&source, loaded);
    match (problems.first(), cases.pop()) {
        (None, Some(case)) => Ok(case),
        (Some(problem), _) => Err(problem.to_string()),
        (None, None) => Err("the sequence makes no case".to_owned()),
    }
}

/// Reads one property.
struct Reader<'a> {
    source: &'a Source,
    lines: &'a Lines<'a>,
    /// What every case of this file begins with.
    head: &'a Piece,
    topic: &'a str,
    entry: Entry,
    keys: Vec<Key>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn case(mut self, loaded: &Loaded, octets: &mut usize) -> Result<Case, Vec<Problem>> {
        let raw = self.raw().map_err(|problem| vec![problem])?;
        let property = self.property(&raw.value);
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let mut whole = None;
        for sample in samples(&property) {
            let composed = match property.compose(&sample, property.id.slug()) {
                Ok(composed) => composed,
                Err(why) => return Err(vec![self.too_much(&raw.value.id, why.to_string())]),
            };
            let source = Source {
                name: self.source.name.clone(),
                text: composed.text(),
            };
            *octets += source.text.len();
            if *octets > MOST_OCTETS {
                let what = "the properties of this file are too many to read".to_owned();
                return Err(vec![self.too_much(&raw.value.id, what)]);
            }
            let (mut cases, problems) = lower::cases_of(&source, &loaded.library);
            if !problems.is_empty() {
                let moved = problems.into_iter().map(|problem| composed.moved(problem));
                return Err(lower::said_once(moved.collect()));
            }
            whole = cases.pop();
        }
        let Some(mut case) = whole else {
            let what = "this property makes no case".to_owned();
            let advice = "compare it with one of vectors/ub/sqn.yaml".to_owned();
            return Err(vec![problem(yaml::place(self.source, &raw), what, advice)]);
        };
        case.place = yaml::place(self.source, &raw.value.id);
        case.property = Some(Arc::new(property));
        Ok(case)
    }

    fn too_much(&self, id: &Located<String>, what: String) -> Problem {
        let advice = "take away moves, values or steps with <<earlier>>".to_owned();
        problem(yaml::place(self.source, id), what, advice)
    }

    /// The property as it is written, at the lines where it stands.
    fn raw(&self) -> Result<Located<raw::Property>, Problem> {
        let text = self.lines.document(&self.entry.lines);
        let name = self.source.name.clone();
        let mut list: Vec<Located<raw::Property>> = yaml::read(&Source { name, text })?;
        list.pop().ok_or_else(|| {
            let place = self.lines.place(self.entry.lines.start, 0);
            problem(
                place,
                "no property stands here".to_owned(),
                "remove the hyphen".to_owned(),
            )
        })
    }

    fn property(&mut self, raw: &raw::Property) -> Property {
        let most_moves = self.bounded(&raw.most_moves, "moves", MOST_MOVES);
        let tries = self.bounded(&raw.tries, "tries", MOST_TRIES);
        let own = BTreeSet::from([NUMBER]);
        let start = self.steps(self.key("start"), &own, &raw.id);
        let own = BTreeSet::from([NUMBER, EARLIER]);
        let end = match self.key("end") {
            Some(key) => self.steps(Some(key), &own, &raw.id),
            None => Vec::new(),
        };
        Property {
            id: CaseId::new(self.topic, &raw.id.value),
            invariants: raw.invariants.clone(),
            most_moves,
            tries,
            moves: self.moves(raw),
            file_head: self.head.clone(),
            id_line: self.id_line(),
            case_head: self.case_head(),
            start,
            end,
        }
    }

    fn key(&self, name: &str) -> Option<Key> {
        self.keys.iter().find(|key| key.name == name).cloned()
    }

    fn bounded(&mut self, number: &Located<usize>, noun: &str, most: usize) -> usize {
        if !(1..=most).contains(&number.value) {
            let what = format!("{} {noun} are no number to try", number.value);
            let advice = format!("write a number from 1 to {most}");
            let place = yaml::place(self.source, number);
            self.problems.push(problem(place, what, advice));
        }
        number.value.clamp(1, most)
    }

    fn moves(&mut self, raw: &raw::Property) -> Vec<Move> {
        let Some(key) = self.key("moves") else {
            return Vec::new();
        };
        let entries = self.lines.entries(&key);
        let place = self.lines.value_place(&key);
        if entries.len() != raw.moves.len() || !(1..=LONGEST_LIST).contains(&entries.len()) {
            let what = format!("{} moves cannot be read here", raw.moves.len());
            let advice = format!(
                "write 1 to {LONGEST_LIST} moves, and begin each on a line of its own with `- name:`"
            );
            self.problems.push(problem(place, what, advice));
            return Vec::new();
        }
        let mut moves: Vec<Move> = Vec::new();
        for (raw, entry) in raw.moves.iter().zip(&entries) {
            let name = &raw.value.name;
            if !is_name(&name.value) || moves.iter().any(|other| other.name == name.value) {
                let what = format!("`{}` is no name of a move of its own", name.value);
                let advice = "write lower case words joined by hyphens, once each".to_owned();
                let place = yaml::place(self.source, name);
                self.problems.push(problem(place, what, advice));
            }
            moves.push(self.one_move(&raw.value, entry));
        }
        moves
    }

    fn one_move(&mut self, raw: &raw::Move, entry: &Entry) -> Move {
        let mut own = BTreeSet::from([NUMBER, BEFORE, EARLIER]);
        let mut choices = BTreeMap::new();
        for (variable, values) in &raw.choose {
            self.check_choice(raw, variable, values);
            own.insert(variable);
            let values = values.iter().map(|value| value.value.0.clone()).collect();
            choices.insert(variable.clone(), values);
        }
        let keys = self.lines.keys_of(entry);
        let key = keys.into_iter().find(|key| key.name == "steps");
        let used: BTreeSet<String> = key
            .iter()
            .flat_map(|key| key.lines.clone())
            .flat_map(|line| variables(self.lines.line(line)))
            .map(|(_, name)| name.to_owned())
            .collect();
        for variable in raw.choose.keys().filter(|name| !used.contains(*name)) {
            let what = format!("nothing uses the variable `{variable}`");
            let advice = format!("write `<<{variable}>>` into a step, or remove the choice");
            let place = yaml::place(self.source, &raw.name);
            self.problems.push(problem(place, what, advice));
        }
        let steps = self.steps(key, &own, &raw.name);
        Move {
            name: raw.name.value.clone(),
            choices,
            steps,
        }
    }

    fn check_choice(&mut self, raw: &raw::Move, variable: &str, values: &[Located<raw::Scalar>]) {
        let place = values.first().map_or_else(
            || yaml::place(self.source, &raw.name),
            |value| yaml::place(self.source, value),
        );
        if !is_name(variable) || [NUMBER, BEFORE, EARLIER].contains(&variable) {
            let what = format!("`{variable}` is no name for a choice");
            let advice =
                "write lower case words joined by hyphens; n, before and earlier are taken";
            let problem = problem(place.clone(), what, advice.to_owned());
            self.problems.push(problem);
        }
        if !(1..=LONGEST_LIST).contains(&values.len()) {
            let what = format!("there are {} values to choose from", values.len());
            let advice = format!("write 1 to {LONGEST_LIST} values, the simplest first");
            self.problems.push(problem(place, what, advice));
        }
        for value in values.iter().filter(|value| !fits_a_line(&value.value.0)) {
            let what = format!("`{}` cannot stand in a line", value.value.0.escape_debug());
            let advice = "a value is the text of one line, without `<<`".to_owned();
            let place = yaml::place(self.source, value);
            self.problems.push(problem(place, what, advice));
        }
    }

    /// The steps below a key, each moved to where the steps of a case stand.
    fn steps(
        &mut self,
        key: Option<Key>,
        own: &BTreeSet<&str>,
        near: &Located<String>,
    ) -> Vec<Piece> {
        let entries = key.as_ref().map(|key| self.lines.entries(key));
        let entries = entries.unwrap_or_default();
        if entries.is_empty() {
            let what = format!("`{}` has no steps that can be read here", near.value);
            let advice = "begin each step on a line of its own with `- `".to_owned();
            let place = key.map_or_else(
                || yaml::place(self.source, near),
                |key| self.lines.value_place(&key),
            );
            self.problems.push(problem(place, what, advice));
        }
        for line in entries.iter().flat_map(|entry| entry.lines.clone()) {
            for (column, name) in variables(self.lines.line(line)) {
                if !own.contains(name) {
                    let what = format!("unknown variable `<<{name}>>`");
                    let advice = did_you_mean(name, own.iter().copied());
                    let place = self.lines.place(line, column);
                    self.problems.push(problem(place, what, advice));
                }
            }
        }
        entries
            .iter()
            .map(|entry| self.piece(entry.lines.clone(), entry.dash, STEP_INDENT))
            .collect()
    }

    /// The line that begins a case; its id follows.
    fn id_line(&self) -> Line {
        let line = self.key("id").map_or(0, |key| key.lines.start);
        let indent = self.lines.map_indent(line).unwrap_or(ENTRY_INDENT);
        Line {
            text: format!("{:ENTRY_INDENT$}- id: ", ""),
            origin: line as u64 + 1,
            shift: shift(indent, ENTRY_INDENT + 2),
        }
    }

    /// What the property says as a case would, and the line that opens its steps.
    fn case_head(&self) -> Piece {
        let indent = self.lines.map_indent(self.entry.lines.start);
        let indent = indent.unwrap_or(self.entry.dash + 2);
        let keys = self.keys.iter();
        let keys = keys.filter(|key| !OWN_KEYS.contains(&key.name.as_str()));
        let mut lines: Vec<Line> = keys
            .flat_map(|key| self.piece(key.lines.clone(), indent, 4).0)
            .collect();
        let origin = self.entry.lines.start as u64 + 1;
        lines.push(Line {
            text: "    steps:".to_owned(),
            origin,
            shift: 0,
        });
        Piece(lines)
    }

    fn piece(&self, range: Range<usize>, from: usize, to: usize) -> Piece {
        piece(self.lines, range, from, to)
    }
}

impl Piece {
    /// A problem of the text, at the place of the vector file that it comes from.
    fn moved(&self, mut problem: Problem) -> Problem {
        let index = usize::try_from(problem.place.line.saturating_sub(1)).unwrap_or(usize::MAX);
        if let Some(line) = self.0.get(index) {
            let column = i64::try_from(problem.place.column).unwrap_or(1);
            problem.place.line = line.origin;
            problem.place.column = u64::try_from(column - line.shift).unwrap_or(1).max(1);
        }
        problem
    }
}

/// Sequences in which every move with every value stands once at least, the moves in several orders.
/// The first is empty: what holds of it holds of all, such as that something is asserted.
fn samples(property: &Property) -> Vec<Sequence> {
    let kinds = &property.moves;
    let choices = kinds.iter().flat_map(|kind| kind.choices.values());
    let most = choices.map(Vec::len).max().unwrap_or(1);
    let in_order = kinds.iter().chain(kinds.iter().rev());
    let mut samples = vec![Sequence::default(), sample(in_order, 0)];
    for round in 1..most {
        let has_more = |kind: &&Move| kind.choices.values().any(|values| values.len() > round);
        samples.push(sample(kinds.iter().filter(has_more), round));
    }
    samples
}

/// These moves with the values that stand at this place of their lists, or at the end.
fn sample<'a>(kinds: impl Iterator<Item = &'a Move>, round: usize) -> Sequence {
    let moves = kinds.map(|kind| {
        let values = kind.choices.iter().filter_map(|(variable, values)| {
            let value = values.get(round).or(values.last())?;
            Some((variable.clone(), value.clone()))
        });
        Drawn {
            name: kind.name.clone(),
            values: values.collect(),
        }
    });
    Sequence {
        moves: moves.collect(),
    }
}
