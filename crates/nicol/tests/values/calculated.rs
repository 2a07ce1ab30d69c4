//! What PostgreSQL calculates: sums, the least and the greatest, and changes that start from the value that is there.

use nicol::{avg, count, decrement, divide, increment, max, min, multiply, sum};

use crate::db::{Size, value};
use crate::{Database, decimal};

#[tokio::test]
async fn the_least_and_the_greatest_are_those_of_the_columns_order() {
    let test = Database::new().await;
    let db = &test.db;
    let [low, high] = ["0fffffff-0000-4000-8000-000000000000", "f0000000-0000-4000-8000-000000000000"]
        .map(|uuid| uuid.parse().unwrap());
    let row = || db.value().create(value::New {});
    row().size(Size::Small).money(decimal("9.5")).bit3("011").uuid(high).inet("9.0.0.1").await.unwrap();
    row().size(Size::Large).money(decimal("10.25")).bit3("101").uuid(low).inet("10.0.0.1").await.unwrap();
    row().size(Size::Medium).await.unwrap();
    let sizes = db.value().aggregate((min(value::size), max(value::size))).await.unwrap();
    assert_eq!(sizes, (Some(Size::Small), Some(Size::Large)));
    let money =
        db.value().aggregate((min(value::money), max(value::money), sum(value::money))).await.unwrap();
    assert_eq!(money, (Some(decimal("9.5")), Some(decimal("10.25")), Some(decimal("19.75"))));
    let texts = db.value().aggregate((min(value::bit3), max(value::inet))).await.unwrap();
    assert_eq!(texts, (Some("011".into()), Some("10.0.0.1".into())));
    let uuids = db.value().aggregate((min(value::uuid), max(value::uuid))).await.unwrap();
    assert_eq!(uuids, (Some(low), Some(high)));

    let groups = || db.value().group_by(value::id).aggregate((count(),));
    let conditions = [
        (max(value::size).gt(Size::Small), 2),
        (min(value::size).eq(Size::Medium), 1),
        (max(value::money).gt(decimal("9.75")), 1),
        (avg(value::money).lt(decimal("10")), 1),
        (min(value::bit3).eq("011"), 1),
        (max(value::uuid).lt(high), 1),
        (max(value::inet).gt("9.255.0.0"), 1),
    ];
    for (index, (condition, expected)) in conditions.into_iter().enumerate() {
        assert_eq!(groups().having(condition).await.unwrap().len(), expected, "{index}");
    }
}

#[tokio::test]
async fn money_and_object_identifiers_are_numbers_to_calculate_with() {
    let test = Database::new().await;
    let db = &test.db;
    let row = db.value().create(value::New {}).money(decimal("1.50")).oid(4_000_000_000).await.unwrap();
    let changes = [
        (multiply(decimal("2.5")), "3.75"),
        (divide(decimal("2")), "1.88"),
        (increment(decimal("0.12")), "2"),
        (decrement(decimal("2.5")), "-0.5"),
    ];
    for (change, expected) in changes {
        let row = db.value().update(value::by_id(row.id)).money(change).await.unwrap();
        assert_eq!(row.money, Some(decimal(expected)));
    }
    let changes =
        [(increment(294_967_295), 4_294_967_295), (divide(2), 2_147_483_647), (multiply(2), 4_294_967_294)];
    for (change, expected) in changes {
        let row = db.value().update(value::by_id(row.id)).oid(change).await.unwrap();
        assert_eq!(row.oid, Some(expected));
    }
    for change in [increment(2), decrement(4_294_967_295)] {
        let error = db.value().update(value::by_id(row.id)).oid(change).await.unwrap_err();
        assert_eq!(error.code(), "P2020");
    }
    db.value().create(value::New {}).oid(6).await.unwrap();
    let oids = db.value().aggregate((sum(value::oid), avg(value::oid), max(value::oid))).await.unwrap();
    assert_eq!(oids, (Some(decimal("4294967300")), Some(2_147_483_650.0), Some(4_294_967_294)));
    let groups =
        db.value().group_by(value::id).aggregate((count(),)).having(sum(value::oid).gt(decimal("6")));
    assert_eq!(groups.await.unwrap().len(), 1);
}
