//! `people seed --count N`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};

use crate::database::Connected;
use crate::seed;
use crate::shutdown::Shutdown;
use crate::terminal::Terminal;

/// Adds `count` invented people with a progress bar, until Ctrl-C.
pub(super) async fn add(connected: &Connected, terminal: &Terminal, count: u64) -> anyhow::Result<()> {
    let mut shutdown = Shutdown::listen().context("cannot handle Ctrl-C")?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopper = tokio::spawn({
        let stop = Arc::clone(&stop);
        async move {
            shutdown.wanted().await;
            stop.store(true, Ordering::Relaxed);
        }
    });
    let style =
        ProgressStyle::with_template("  {bar:40} {human_pos} of {human_len} people, {per_sec}, {eta} left");
    // Where standard error is no terminal, nothing is drawn.
    let bar = ProgressBar::new(count).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let started = Instant::now();
    let added = seed::seed_many(connected.direct(), count, &stop, |added| bar.set_position(added)).await;
    bar.finish_and_clear();
    stopper.abort();
    let (added, seconds) = (added?, started.elapsed().as_secs_f32());
    let people = if added == 1 { "1 person".to_owned() } else { format!("{added} people") };
    if added < count {
        terminal.say(format_args!("Stopped: {people} of {count} added. Run it again to add more."));
    } else {
        terminal.say(format_args!("{people} added in {seconds:.1} s."));
    }
    Ok(())
}
