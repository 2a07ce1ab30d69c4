//! Exit codes.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | success |
//! | 1 | failure, invalid arguments, output that could not be written, or a check that does not pass (`status`, `validate`, `format --check`) |
//! | 2 | `migrate diff --exit-code`, `branch diff --exit-code`: there are differences |
//! | 130 | interrupted by Ctrl-C, declined at a prompt, or a reset is required |
//! | 129, 143 | interrupted by SIGHUP, SIGTERM |
//! | other | `db seed` and `local psql`: the exit code of the program |

use std::process::ExitCode;

/// How a command ends; see the table above.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Success,
    Failure,
    Differences,
    Interrupted,
    Program(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Failure => Self::FAILURE,
            Exit::Differences => Self::from(2),
            Exit::Interrupted => Self::from(130),
            Exit::Program(code) => Self::from(code),
        }
    }
}
