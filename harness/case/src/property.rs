//! Properties: rules that must hold for any sequence of moves, tried with sequences that are drawn
//! from a seed.
//!
//! A sequence becomes the text of an ordinary case file, which the ordinary loader reads and the
//! ordinary judge judges. What a property adds is the choice of the sequence, and simpler ones to try
//! in the place of one that failed.

use std::collections::BTreeMap;
use std::fmt;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};

use crate::case::CaseId;
use crate::load::fill;
use crate::transcript::Transcript;

/// What a property is made of: pieces of text that a sequence puts together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Property {
    /// Its identity, the one of its case.
    pub id: CaseId,
    /// The invariants of the model that it shows, for example `P-HE-1`.
    pub invariants: Vec<String>,
    /// The most moves of a sequence.
    pub most_moves: usize,
    /// How many sequences a run tries, if the user does not say otherwise.
    pub tries: usize,
    /// The moves that a sequence is made of.
    pub moves: Vec<Move>,
    /// The head of its file, and the line that opens the list of cases.
    pub(crate) file_head: Piece,
    /// The line of the id, up to the id itself.
    pub(crate) id_line: Line,
    /// What stands between the id of a case and its steps.
    pub(crate) case_head: Piece,
    /// The steps before the first move.
    pub(crate) start: Vec<Piece>,
    /// The steps after the last move.
    pub(crate) end: Vec<Piece>,
}

/// One kind of move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Its name.
    pub name: String,
    /// The values that are drawn for it, by the name of their variable; the simplest first.
    pub choices: BTreeMap<String, Vec<String>>,
    /// Its steps.
    pub(crate) steps: Vec<Piece>,
}

/// Lines of a vector file, with the places that they come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece(pub(crate) Vec<Line>);

/// One line, as it stands in the text of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its text, without the line end.
    pub(crate) text: String,
    /// The line of the vector file that it was made from, counted from 1.
    pub(crate) origin: u64,
    /// By how many columns it was moved to the right.
    pub(crate) shift: i64,
}

/// A sequence of moves with the values that were drawn for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sequence {
    /// The moves in their order.
    pub moves: Vec<Drawn>,
}

/// One move of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The name of the move.
    pub name: String,
    /// The values that were drawn for it.
    pub values: BTreeMap<String, String>,
}

/// A sequence, and what happened when it was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The sequence.
    pub sequence: Sequence,
    /// What happened.
    pub transcript: Transcript,
}

/// The shortest sequence of a property that the target was seen to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The sequence.
    pub sequence: Sequence,
    /// How many moves the sequence had that failed first.
    pub shrunk_from: usize,
    /// How many sequences were replayed on the way to the shortest.
    pub replays: usize,
    /// The sequence as an ordinary case file.
    pub text: String,
}

/// Why a sequence makes no case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoCase {
    /// The property has no move with this name.
    UnknownMove(String),
    /// The text would be longer than any case file.
    TooLong,
}

impl fmt::Display for NoCase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownMove(name) => write!(f, "the property has no move `{name}`"),
            Self::TooLong => f.write_str("the sequence is longer than a case file may be"),
        }
    }
}

/// Variables that every move may use.
pub(crate) const NUMBER: &str = "n";
pub(crate) const BEFORE: &str = "before";
pub(crate) const EARLIER: &str = "earlier";

impl Property {
    /// The sequence of a seed. The first one of a run is as long as any, and has every kind of move
    /// where there is room, so that a single try is a good one.
    pub fn draw(&self, seed: u64, number: usize) -> Sequence {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let first = number == 0;
        let length = if first {
            self.most_moves
        } else {
            rng.random_range(1..=self.most_moves.max(1))
        };
        let mut left = Vec::new();
        let mut moves = Vec::new();
        for _ in 0..length {
            if left.is_empty() {
                left.extend(&self.moves);
            }
            let Some(place) = place_in(&left, &mut rng) else {
                break;
            };
            let kind = if first {
                left.swap_remove(place)
            } else {
                left[place]
            };
            let mut values = BTreeMap::new();
            for (variable, choices) in &kind.choices {
                let value = place_in(choices, &mut rng).and_then(|place| choices.get(place));
                values.insert(variable.clone(), value.cloned().unwrap_or_default());
            }
            moves.push(Drawn {
                name: kind.name.clone(),
                values,
            });
        }
        Sequence { moves }
    }

    /// Sequences that are simpler than this one, the boldest first: without many moves, without one,
    /// with a value or a move that stands further to the front.
    pub fn simpler<'a>(&'a self, sequence: &'a Sequence) -> impl Iterator<Item = Sequence> + 'a {
        let plainer = self.plainer(sequence);
        shorter(sequence)
            .chain(plainer)
            .chain(self.milder(sequence))
    }

    /// Sequences with another move in the place of one, with the simplest values.
    fn milder<'a>(&'a self, sequence: &'a Sequence) -> impl Iterator<Item = Sequence> + 'a {
        let moves = sequence.moves.iter().enumerate();
        moves.flat_map(move |(index, drawn)| {
            let kinds = self.moves.iter();
            let before = kinds.take_while(move |kind| kind.name != drawn.name);
            before.map(move |kind| {
                let first = |values: &Vec<String>| values.first().cloned().unwrap_or_default();
                let choices = kind.choices.iter();
                let mut milder = sequence.clone();
                milder.moves[index] = Drawn {
                    name: kind.name.clone(),
                    values: choices
                        .map(|(name, values)| (name.clone(), first(values)))
                        .collect(),
                };
                milder
            })
        })
    }

    /// Sequences of the same moves with one simpler value.
    fn plainer<'a>(&'a self, sequence: &'a Sequence) -> impl Iterator<Item = Sequence> + 'a {
        let moves = sequence.moves.iter().enumerate();
        moves.flat_map(move |(index, drawn)| {
            let kind = self.moves.iter().find(|kind| kind.name == drawn.name);
            let choices = kind.into_iter().flat_map(|kind| &kind.choices);
            choices.flat_map(move |(variable, choices)| {
                let current = drawn.values.get(variable);
                let place = choices.iter().position(|choice| Some(choice) == current);
                simpler_places(place.unwrap_or(0)).map(move |place| {
                    let mut simpler = sequence.clone();
                    let value = choices.get(place).cloned().unwrap_or_default();
                    simpler.moves[index].values.insert(variable.clone(), value);
                    simpler
                })
            })
        })
    }

    /// The sequence as an ordinary case file that can be given to the tool again, line by line as it
    /// was played. Its case has `-found` behind the property's id, as an identity is assigned once.
    pub fn case_file(&self, sequence: &Sequence) -> Result<String, NoCase> {
        let slug = format!("{}-found", self.id.slug());
        Ok(self.compose(sequence, &slug)?.text())
    }

    /// The text that the loader reads for a sequence.
    pub(crate) fn compose(&self, sequence: &Sequence, slug: &str) -> Result<Piece, NoCase> {
        let none = BTreeMap::new();
        let mut text = Text::default();
        text.remark(
            0,
            &format!("A sequence of the property {}: {sequence}.", self.id),
        );
        text.remark(0, "Replay it with `gbaspec run FILE -t PROFILE`.");
        text.extend(&self.file_head);
        text.push(Line {
            text: format!("{}{slug}", self.id_line.text),
            ..self.id_line.clone()
        });
        text.extend(&self.case_head);
        text.remark(STEP_INDENT, "start");
        text.steps(&self.start, 0, 0, &none);
        for (index, drawn) in sequence.moves.iter().enumerate() {
            let kind = self.moves.iter().find(|kind| kind.name == drawn.name);
            let kind = kind.ok_or_else(|| NoCase::UnknownMove(drawn.name.clone()))?;
            let number = index + 1;
            text.remark(STEP_INDENT, &format!("{number}: {drawn}"));
            text.steps(&kind.steps, number, number, &drawn.values);
        }
        if !self.end.is_empty() {
            let last = sequence.moves.len();
            text.remark(STEP_INDENT, "end");
            text.steps(&self.end, last, last + 1, &none);
        }
        if text.is_full() {
            return Err(NoCase::TooLong);
        }
        Ok(Piece(text.lines))
    }
}

/// The longest text of a sequence, in octets: what the reader takes.
const LONGEST: usize = 1 << 20;

/// How far the steps of a case are indented.
pub(crate) const STEP_INDENT: usize = 6;

/// The text of a sequence as it grows.
#[derive(Default)]
struct Text {
    lines: Vec<Line>,
    octets: usize,
}

impl Text {
    /// Nothing is added to a text that no reader would take.
    fn push(&mut self, line: Line) {
        self.octets = self.octets.saturating_add(line.text.len() + 1);
        if !self.is_full() {
            self.lines.push(line);
        }
    }

    fn is_full(&self) -> bool {
        self.octets > LONGEST
    }

    fn extend(&mut self, piece: &Piece) {
        for line in &piece.0 {
            self.push(line.clone());
        }
    }

    fn remark(&mut self, indent: usize, text: &str) {
        let origin = self.lines.last().map_or(1, |line| line.origin);
        self.push(Line {
            text: format!("{:indent$}# {text}", ""),
            origin,
            shift: 0,
        });
    }

    /// Writes steps with their variables filled. Steps that stand together and name an earlier message
    /// are written together, once for each number below `known`.
    fn steps(
        &mut self,
        steps: &[Piece],
        number: usize,
        known: usize,
        values: &BTreeMap<String, String>,
    ) {
        for group in steps.chunk_by(|one, next| one.names_earlier() == next.names_earlier()) {
            let repeats = group.first().is_some_and(Piece::names_earlier);
            for earlier in 0..if repeats { known } else { 1 } {
                if self.is_full() {
                    return;
                }
                let value = |name: &str| match name {
                    NUMBER => Some(number.to_string()),
                    BEFORE => Some(number.saturating_sub(1).to_string()),
                    EARLIER => Some(earlier.to_string()),
                    other => values.get(other).cloned(),
                };
                for line in group.iter().flat_map(|step| &step.0) {
                    self.push(Line {
                        text: fill(&line.text, value),
                        ..line.clone()
                    });
                }
            }
        }
    }
}

impl Piece {
    fn names_earlier(&self) -> bool {
        self.0.iter().any(|line| line.text.contains("<<earlier>>"))
    }

    /// Its lines as a text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.0 {
            text.push_str(&line.text);
            text.push('\n');
        }
        text
    }
}

/// The sequence without a run of moves: long runs first, of runs of a length the later ones first,
/// as what comes last is most often beside the point.
fn shorter(sequence: &Sequence) -> impl Iterator<Item = Sequence> + '_ {
    let length = sequence.moves.len();
    let sizes = std::iter::successors(Some(length), |size| Some(size / 2));
    let sizes = sizes.take_while(|size| *size > 0);
    sizes.flat_map(move |size| {
        let starts = (0..=length - size).rev();
        starts.map(move |start| {
            let mut moves = sequence.moves.clone();
            moves.drain(start..start + size);
            Sequence { moves }
        })
    })
}

/// Places further to the front: the first, half way there, the one before.
fn simpler_places(place: usize) -> impl Iterator<Item = usize> {
    let mut places = vec![0, place / 2, place.saturating_sub(1)];
    places.retain(|simpler| *simpler < place);
    places.dedup();
    places.into_iter()
}

fn place_in<T>(list: &[T], rng: &mut ChaCha8Rng) -> Option<usize> {
    (!list.is_empty()).then(|| rng.random_range(0..list.len()))
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.moves.is_empty() {
            return f.write_str("no move");
        }
        for (index, drawn) in self.moves.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{drawn}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (index, (variable, value)) in self.values.iter().enumerate() {
            let opening = if index == 0 { " (" } else { ", " };
            write!(f, "{opening}{variable} {value}")?;
        }
        if self.values.is_empty() {
            Ok(())
        } else {
            f.write_str(")")
        }
    }
}
