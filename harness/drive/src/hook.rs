//! Runs a command of the user to its end.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::DriveError;

/// Runs a command; it must end in time and well.
pub(crate) async fn run(words: &[String], limit: Duration) -> Result<(), DriveError> {
    let fault = |why: String| DriveError::Hook {
        command: words.join(" "),
        why,
    };
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| fault("it is empty".to_owned()))?;
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status();
    match tokio::time::timeout(limit, status).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(fault(format!("it ended with {status}"))),
        Ok(Err(why)) => Err(fault(why.to_string())),
        Err(_) => Err(fault(format!(
            "it did not end within {} ms",
            limit.as_millis()
        ))),
    }
}
