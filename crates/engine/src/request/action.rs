//! The actions of requests.

use nicol_schema::model::ModelId;

use super::model::has_key;
use crate::schema::Schema;

/// What a request does with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    FindUnique,
    FindUniqueOrThrow,
    FindFirst,
    FindFirstOrThrow,
    FindMany,
    CreateOne,
    CreateMany,
    CreateManyAndReturn,
    UpdateOne,
    UpdateMany,
    UpdateManyAndReturn,
    UpsertOne,
    DeleteOne,
    DeleteMany,
    Aggregate,
    GroupBy,
}

impl Action {
    /// Returns the action with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "findUnique" => Self::FindUnique,
            "findUniqueOrThrow" => Self::FindUniqueOrThrow,
            "findFirst" => Self::FindFirst,
            "findFirstOrThrow" => Self::FindFirstOrThrow,
            "findMany" => Self::FindMany,
            "createOne" => Self::CreateOne,
            "createMany" => Self::CreateMany,
            "createManyAndReturn" => Self::CreateManyAndReturn,
            "updateOne" => Self::UpdateOne,
            "updateMany" => Self::UpdateMany,
            "updateManyAndReturn" => Self::UpdateManyAndReturn,
            "upsertOne" => Self::UpsertOne,
            "deleteOne" => Self::DeleteOne,
            "deleteMany" => Self::DeleteMany,
            "aggregate" => Self::Aggregate,
            "groupBy" => Self::GroupBy,
            _ => return None,
        })
    }

    /// Returns the name of the action.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::FindUnique => "findUnique",
            Self::FindUniqueOrThrow => "findUniqueOrThrow",
            Self::FindFirst => "findFirst",
            Self::FindFirstOrThrow => "findFirstOrThrow",
            Self::FindMany => "findMany",
            Self::CreateOne => "createOne",
            Self::CreateMany => "createMany",
            Self::CreateManyAndReturn => "createManyAndReturn",
            Self::UpdateOne => "updateOne",
            Self::UpdateMany => "updateMany",
            Self::UpdateManyAndReturn => "updateManyAndReturn",
            Self::UpsertOne => "upsertOne",
            Self::DeleteOne => "deleteOne",
            Self::DeleteMany => "deleteMany",
            Self::Aggregate => "aggregate",
            Self::GroupBy => "groupBy",
        }
    }

    /// Returns the name of the action for a model, such as `createManyUserAndReturn`, as Prisma's errors have it.
    pub(super) fn field_name(self, model: &str) -> String {
        match self {
            Self::FindUnique => format!("findUnique{model}"),
            Self::FindUniqueOrThrow => format!("findUnique{model}OrThrow"),
            Self::FindFirst => format!("findFirst{model}"),
            Self::FindFirstOrThrow => format!("findFirst{model}OrThrow"),
            Self::FindMany => format!("findMany{model}"),
            Self::CreateOne => format!("createOne{model}"),
            Self::CreateMany => format!("createMany{model}"),
            Self::CreateManyAndReturn => format!("createMany{model}AndReturn"),
            Self::UpdateOne => format!("updateOne{model}"),
            Self::UpdateMany => format!("updateMany{model}"),
            Self::UpdateManyAndReturn => format!("updateMany{model}AndReturn"),
            Self::UpsertOne => format!("upsertOne{model}"),
            Self::DeleteOne => format!("deleteOne{model}"),
            Self::DeleteMany => format!("deleteMany{model}"),
            Self::Aggregate => format!("aggregate{model}"),
            Self::GroupBy => format!("groupBy{model}"),
        }
    }

    /// Whether the model has the action: views are read, rows without a key cannot be named, and a required column that the client does
    /// not know makes it impossible to create rows.
    pub(super) fn exists(self, schema: &Schema, model: ModelId) -> bool {
        let source = schema.source.model(model);
        if source.is_ignored {
            return false;
        }
        match self {
            Self::FindFirst | Self::FindFirstOrThrow | Self::FindMany | Self::Aggregate | Self::GroupBy => {
                true
            }
            Self::FindUnique | Self::FindUniqueOrThrow => has_key(schema, model),
            Self::CreateOne | Self::CreateMany | Self::CreateManyAndReturn => {
                !source.is_view && schema.can_create(model)
            }
            Self::UpsertOne => !source.is_view && schema.can_create(model),
            Self::UpdateOne
            | Self::UpdateMany
            | Self::UpdateManyAndReturn
            | Self::DeleteOne
            | Self::DeleteMany => !source.is_view,
        }
    }

    /// Whether the action has `relationLoadStrategy`.
    pub(super) fn loads_relations(self) -> bool {
        !matches!(
            self,
            Self::Aggregate
                | Self::GroupBy
                | Self::CreateMany
                | Self::CreateManyAndReturn
                | Self::UpdateMany
                | Self::UpdateManyAndReturn
                | Self::DeleteMany
        )
    }
}
