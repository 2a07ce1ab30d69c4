//! What the examples of the guide use.

pub(crate) use std::collections::{BTreeMap, HashSet};
pub(crate) use std::time::{Duration, Instant};

pub(crate) use nicol::extension::{Answer, Extension, Next, Query};
pub(crate) use nicol::types::{DateTime, Decimal, Json};
pub(crate) use nicol::{
    ANY_NULL, Attempt, Error, Filter, Isolation, JSON_NULL, NULL, Notification, OrderBy, SortOrder, Sql,
    Table, TransactionOptions, Upserted, avg, count, count_of, decrement, divide, if_some, increment, max,
    min, multiply, params, push, relevance, same, search, sql, sum,
};
pub(crate) use serde::Serialize;
pub(crate) use serde_json::json;

pub(crate) use super::db::{
    self, Client, Comment, Post, Role, User, comment, membership, order, post, profile, tag, team, user,
};

/// The values of an example, by name.
pub(crate) type Answers = BTreeMap<String, serde_json::Value>;

macro_rules! answers {
    ($($name:ident),*) => {
        Answers::from([$((stringify!($name).to_owned(), serde_json::to_value(&$name).expect("a value is JSON"))),*])
    };
}
pub(crate) use answers;
