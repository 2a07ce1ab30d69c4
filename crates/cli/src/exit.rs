//! How the command ends.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | all is well |
//! | 1 | it failed, the arguments are wrong, or what was asked about is not as it should be |
//! | 2 | `migrate diff --exit-code`: there are differences |
//! | 130 | interrupted by Ctrl-C, a question answered with no, or a reset that is needed first |
//! | 129, 143 | interrupted by SIGHUP, SIGTERM |
//! | other | `db seed` and `local psql`: that of the program they ran |

use std::process::ExitCode;

/// See the table above.
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
