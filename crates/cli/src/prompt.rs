//! Interactive prompts. Callers check that there is a terminal.

use std::io::{self, BufRead};

use tokio::sync::oneshot;

use crate::context::Context;

/// The answer to a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer<T> {
    Given(T),
    /// Ctrl-C, another signal, or Ctrl-D.
    Cancelled,
}

/// Asks a yes-or-no question. An empty answer means no.
pub(crate) async fn confirm(ctx: &mut Context, question: &str) -> anyhow::Result<Answer<bool>> {
    loop {
        let Answer::Given(answer) = ask(ctx, &format!("{question} [y/N]")).await? else {
            return Ok(Answer::Cancelled);
        };
        match answer.to_lowercase().as_str() {
            "y" | "yes" => return Ok(Answer::Given(true)),
            "" | "n" | "no" => return Ok(Answer::Given(false)),
            _ => ctx.report.line("please answer y or n"),
        }
    }
}

/// Asks for one of several choices by number and returns its index. An empty answer means the last one.
pub(crate) async fn choose(
    ctx: &mut Context,
    question: &str,
    choices: &[String],
) -> anyhow::Result<Answer<usize>> {
    ctx.report.line(question);
    for (position, choice) in choices.iter().enumerate() {
        ctx.report.line(&format!("  {}  {choice}", position + 1));
    }
    loop {
        let Answer::Given(answer) = ask(ctx, &format!("number [{}]", choices.len())).await? else {
            return Ok(Answer::Cancelled);
        };
        if answer.is_empty() {
            return Ok(Answer::Given(choices.len() - 1));
        }
        match answer.parse::<usize>() {
            Ok(number) if (1..=choices.len()).contains(&number) => return Ok(Answer::Given(number - 1)),
            _ => ctx.report.line(&format!("please answer with a number from 1 to {}", choices.len())),
        }
    }
}

/// Asks for a line of text.
pub(crate) async fn ask(ctx: &mut Context, question: &str) -> anyhow::Result<Answer<String>> {
    ctx.report.question(question);
    let interrupt = ctx.signals.attend();
    let (send, receive) = oneshot::channel();
    // A separate thread that is never joined: after Ctrl-C it is still blocked in the read.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let _ = send.send(read.map(|length| (length > 0).then_some(line)));
    });
    let answer = tokio::select! {
        answer = receive => answer?,
        () = interrupt => Ok(None),
    };
    let Some(line) = answer? else {
        // The user did not end the line of the prompt.
        ctx.report.line("");
        return Ok(Answer::Cancelled);
    };
    Ok(Answer::Given(line.trim().to_owned()))
}
