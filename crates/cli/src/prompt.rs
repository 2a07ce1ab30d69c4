//! Questions to the person at the terminal. Nobody is asked where there is none.

use std::io::{self, BufRead};

use tokio::sync::oneshot;

use crate::context::Context;

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer<T> {
    Given(T),
    /// Ctrl-C, another signal, Ctrl-D.
    Cancelled,
}

/// A question that is answered with yes or no; nothing is no.
pub(crate) async fn confirm(ctx: &mut Context, question: &str) -> anyhow::Result<Answer<bool>> {
    loop {
        let Answer::Given(answer) = ask(ctx, &format!("{question} [y/N]")).await? else {
            return Ok(Answer::Cancelled);
        };
        match answer.to_lowercase().as_str() {
            "y" | "yes" => return Ok(Answer::Given(true)),
            "" | "n" | "no" => return Ok(Answer::Given(false)),
            _ => ctx.report.line("please answer with y or n"),
        }
    }
}

/// A question that is answered with the number of a choice; nothing is the last one.
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

/// A question that is answered with a line of text.
pub(crate) async fn ask(ctx: &mut Context, question: &str) -> anyhow::Result<Answer<String>> {
    ctx.report.question(question);
    let interrupt = ctx.signals.attend();
    let (send, receive) = oneshot::channel();
    // A thread of its own, for which nobody waits: after Ctrl-C it would read on.
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
        // The line of the question has not been ended.
        ctx.report.line("");
        return Ok(Answer::Cancelled);
    };
    Ok(Answer::Given(line.trim().to_owned()))
}
