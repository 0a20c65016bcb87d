//! The folder of a run: the single source of every later report.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use gbaspec_case::event::{CaseResult, Event, RunSummary};
use sha2::{Digest, Sha256};

use crate::Reporter;
use crate::plain;
use crate::plain::event::EventLine;
use crate::plain::run::{CaseFiles, Collector, PlainFile};
use crate::plain::transcript::TranscriptDocument;

/// The events, one a line.
pub(crate) const EVENTS: &str = "events.ndjson";
/// The folder of the evidence.
pub(crate) const TRANSCRIPTS: &str = "transcripts";
/// The folder of the sequences that properties were failed with, as case files.
pub(crate) const FOUND: &str = "found";
/// The `gbaspec.run/1` document.
pub(crate) const RESULT: &str = "result.json";

/// The longest stem of a transcript's name, in bytes: file systems stop at 255.
const LONGEST_STEM: usize = 180;

/// Writes a run to a folder: `events.ndjson` line by line, the evidence of each case to a file of
/// its own, and at the end `result.json` with the digests of both.
///
/// Everything about a case is on its way to the operating system when its end was reported, so an
/// interrupted run loses nothing that was measured; `recover_run` reads a folder without its
/// `result.json`.
#[derive(Debug)]
pub struct Recorder {
    dir: PathBuf,
    events: BufWriter<File>,
    events_digest: Sha256,
    names: BTreeSet<String>,
    /// What was written besides the events, in order.
    files: Vec<PlainFile>,
    run: Collector,
    finished: Option<RunSummary>,
}

impl Recorder {
    /// A recorder for the folder `dir`, which is made if it does not exist.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if the folder already holds a run: evidence is never overwritten, and two
    /// runs never mix. Otherwise what the operating system says.
    pub fn new(dir: impl Into<PathBuf>) -> io::Result<Self> {
        let dir = dir.into();
        fs::create_dir_all(dir.join(TRANSCRIPTS))?;
        if dir.join(RESULT).try_exists()? {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!("{RESULT} of an earlier run is there"),
            ));
        }
        let events = create_new(&dir.join(EVENTS))?;
        Ok(Self {
            dir,
            events: BufWriter::new(events),
            events_digest: Sha256::new(),
            names: BTreeSet::new(),
            files: Vec::new(),
            run: Collector::default(),
            finished: None,
        })
    }

    fn write_line(&mut self, line: &EventLine) -> io::Result<()> {
        let mut text = plain::line(line)?;
        text.push('\n');
        self.events_digest.update(text.as_bytes());
        self.events.write_all(text.as_bytes())
    }

    fn write_transcript(&mut self, result: &CaseResult, name: &str) -> io::Result<PlainFile> {
        let text = plain::document(&TranscriptDocument::new(&result.case.id, &result.evidence))?;
        let file = format!("{TRANSCRIPTS}/{name}");
        create_new(&self.dir.join(&file))?.write_all(text.as_bytes())?;
        Ok(PlainFile {
            file,
            sha256: sha256(text.as_bytes()),
        })
    }

    /// Writes the shortest sequence of a property as a case file, if one was found.
    fn write_found(&self, result: &CaseResult, name: &str) -> io::Result<Option<PlainFile>> {
        let Some(found) = &result.found else {
            return Ok(None);
        };
        let stem = name.strip_suffix(".json").unwrap_or(name);
        let file = format!("{FOUND}/{stem}.yaml");
        fs::create_dir_all(self.dir.join(FOUND))?;
        create_new(&self.dir.join(&file))?.write_all(found.text.as_bytes())?;
        Ok(Some(PlainFile {
            file,
            sha256: sha256(found.text.as_bytes()),
        }))
    }

    /// A file name for this case that is not taken. Names that differ in case only count as the
    /// same, as some file systems do; a case that is run again gets a number.
    fn free_name(&mut self, id: &str) -> String {
        let stem = file_stem(id);
        let mut name = format!("{stem}.json");
        let mut number = 2_usize;
        while !self.names.insert(name.to_ascii_lowercase()) {
            name = format!("{stem}~{number}.json");
            number += 1;
        }
        name
    }
}

impl Reporter for Recorder {
    fn on_event(&mut self, event: &Event) -> io::Result<()> {
        if let Event::CaseFinished(result) = event {
            // The evidence comes first: a line never names a file that is not there yet.
            let name = self.free_name(&result.case.id);
            let transcript = self.write_transcript(result, &name)?;
            let found = self.write_found(result, &name)?;
            let files = CaseFiles {
                transcript: &transcript.file,
                found: found.as_ref().map(|found| found.file.as_str()),
            };
            self.run.on_event(event, Some(files));
            let line = EventLine::finished(result, transcript.clone(), files.found);
            self.files.push(transcript);
            self.files.extend(found);
            self.write_line(&line)?;
            return self.events.flush();
        }
        self.run.on_event(event, None);
        if let Event::RunFinished(run) = event {
            self.finished = Some(run.clone());
        }
        match EventLine::without_evidence(event) {
            Some(line) => self.write_line(&line),
            None => Ok(()),
        }
    }

    fn finish(&mut self, run: &RunSummary) -> io::Result<()> {
        if self.finished.as_ref() != Some(run) {
            // A run that broke off did not emit its last event, or other counts; readers take the
            // last such line, and it must agree with the result.
            self.on_event(&Event::RunFinished(run.clone()))?;
        }
        self.events.flush()?;
        let digest = self.events_digest.clone().finalize();
        let events = PlainFile {
            file: EVENTS.to_owned(),
            sha256: HEXLOWER.encode(&digest),
        };
        let mut files = vec![events];
        files.append(&mut self.files);
        let text = plain::document(&self.run.document(run, files))?;
        let mut result = create_new(&self.dir.join(RESULT))?;
        result.write_all(text.as_bytes())?;
        result.flush()
    }
}

/// The digest (SHA-256, hex in lower case) of these bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// The name of a transcript without its ending: `/` becomes `__`, and every octet that does not
/// belong into a file name everywhere becomes `%XX`, so no identity leads out of the folder.
pub(crate) fn file_stem(id: &str) -> String {
    let mut stem = String::with_capacity(id.len() + 8);
    for (index, byte) in id.bytes().enumerate() {
        if stem.len() >= LONGEST_STEM {
            break;
        }
        match byte {
            b'/' => stem.push_str("__"),
            b'.' if index > 0 => stem.push('.'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => stem.push(char::from(byte)),
            _ => {
                let digits = data_encoding::HEXUPPER.encode(&[byte]);
                stem.push('%');
                stem.push_str(&digits);
            }
        }
    }
    if stem.is_empty() {
        // A name that is only an ending would be a hidden file.
        stem.push('%');
    }
    stem
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{file_stem, sha256};

    #[rstest]
    #[case::an_identity("ub/resync/fresh-challenge", "ub__resync__fresh-challenge")]
    #[case::a_way_out("../../etc/passwd", "%2E.__..__etc__passwd")]
    #[case::hostile("a\0\x1b\u{202e}:b", "a%00%1B%E2%80%AE%3Ab")]
    #[case::nothing("", "%")]
    fn names_a_transcript(#[case] id: &str, #[case] stem: &str) {
        assert_eq!(file_stem(id), stem);
    }

    #[test]
    fn cuts_a_name_that_no_file_system_takes() {
        assert_eq!(file_stem(&"a".repeat(1000)).len(), 180);
    }

    #[test]
    fn digests_as_fips_180_4_example_abc() {
        assert_eq!(
            sha256(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
