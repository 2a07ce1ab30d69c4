//! The oids of the types that are read, as constants: a cell is compared with them.
//!
//! Source: PostgreSQL 16 sources, `pg_type.dat`.

pub(super) const BOOL: u32 = 16;
pub(super) const BYTEA: u32 = 17;
pub(super) const NAME: u32 = 19;
pub(super) const INT8: u32 = 20;
pub(super) const INT2: u32 = 21;
pub(super) const INT4: u32 = 23;
pub(super) const TEXT: u32 = 25;
pub(super) const OID: u32 = 26;
pub(super) const JSON: u32 = 114;
pub(super) const CIDR: u32 = 650;
pub(super) const FLOAT4: u32 = 700;
pub(super) const FLOAT8: u32 = 701;
pub(super) const UNKNOWN: u32 = 705;
pub(super) const INET: u32 = 869;
pub(super) const BPCHAR: u32 = 1042;
pub(super) const VARCHAR: u32 = 1043;
pub(super) const DATE: u32 = 1082;
pub(super) const TIME: u32 = 1083;
pub(super) const TIMESTAMP: u32 = 1114;
pub(super) const TIMESTAMPTZ: u32 = 1184;
pub(super) const TIMETZ: u32 = 1266;
pub(super) const NUMERIC: u32 = 1700;
pub(super) const RECORD: u32 = 2249;
pub(super) const UUID: u32 = 2950;
pub(super) const JSONB: u32 = 3802;

/// The first oid of a type that is not PostgreSQL's own.
///
/// Source: PostgreSQL 16 sources, `transam.h` (`FirstNormalObjectId`).
pub(super) const FIRST_CREATED: u32 = 16_384;

#[cfg(test)]
mod tests {
    use postgres_types::Type;

    #[test]
    fn the_oids_are_those_of_the_driver() {
        let known = [
            (super::BOOL, Type::BOOL),
            (super::BYTEA, Type::BYTEA),
            (super::NAME, Type::NAME),
            (super::INT8, Type::INT8),
            (super::INT2, Type::INT2),
            (super::INT4, Type::INT4),
            (super::TEXT, Type::TEXT),
            (super::OID, Type::OID),
            (super::JSON, Type::JSON),
            (super::CIDR, Type::CIDR),
            (super::FLOAT4, Type::FLOAT4),
            (super::FLOAT8, Type::FLOAT8),
            (super::UNKNOWN, Type::UNKNOWN),
            (super::INET, Type::INET),
            (super::BPCHAR, Type::BPCHAR),
            (super::VARCHAR, Type::VARCHAR),
            (super::DATE, Type::DATE),
            (super::TIME, Type::TIME),
            (super::TIMESTAMP, Type::TIMESTAMP),
            (super::TIMESTAMPTZ, Type::TIMESTAMPTZ),
            (super::TIMETZ, Type::TIMETZ),
            (super::NUMERIC, Type::NUMERIC),
            (super::RECORD, Type::RECORD),
            (super::UUID, Type::UUID),
            (super::JSONB, Type::JSONB),
        ];
        for (oid, ty) in known {
            assert_eq!(Type::from_oid(oid), Some(ty));
        }
    }
}
