//! Every query is restricted to a tenant.

use nicol::extension::Query;
use nicol::{NULL, increment};

use crate::db::{Client, country, order, plan, post, profile, tag, user};
use crate::examples::{soft_delete, tenant};
use crate::{database, refused};

/// The clients of two tenants, each with a user, a post and a tag, and that of the administrator.
async fn tenants() -> (Client, Client, Client, testkit::TestDatabase) {
    let (all, server) = database().await;
    let (one, two) = (all.extend(tenant(1)), all.extend(tenant(2)));
    for (db, name) in [(&one, "a"), (&two, "b")] {
        let post = post::New { title: name.into() };
        let profile = profile::New { bio: name.into() };
        let new = db.user().create(user::New { email: name.into() });
        new.with(user::posts.create(post)).with(user::profile.create(profile)).await.unwrap();
        assert_eq!(db.tag().create_many([tag::New { name: name.into() }]).await.unwrap(), 1);
    }
    (one, two, all, server)
}

#[tokio::test]
async fn new_rows_belong_to_the_tenant() {
    let (one, _, all, _server) = tenants().await;
    assert_eq!(
        all.user().find_many().select((user::tenant_id,)).order_by(user::id.asc()).await.unwrap(),
        [(1,), (2,)]
    );
    assert_eq!(all.post().count().filter(post::tenant_id.eq(2)).await.unwrap(), 1);
    assert_eq!(all.profile().count().filter(profile::tenant_id.eq(2)).await.unwrap(), 1);
    assert_eq!(all.tag().count().filter(tag::tenant_id.eq(2)).await.unwrap(), 1);
    // Whatever the query says.
    let post = one.post().create(post::New { title: "c".into() }).tenant_id(2).await.unwrap();
    assert_eq!(post.tenant_id, 1);
    let new = || user::create(user::New { email: "c".into() }).tenant_id(2);
    let upsert = || one.user().upsert(user::by_tenant_id_and_email(1, "c"), new(), |user| user.name("c"));
    assert_eq!(upsert().await.unwrap().tenant_id, 1);
    assert_eq!(upsert().await.unwrap().name.as_deref(), Some("c"));
    // The key is part of the scope, so that no row of another tenant can be in the way.
    let many = one
        .user()
        .upsert_many((user::tenant_id, user::email), [new(), user::create(user::New { email: "b".into() })]);
    assert_eq!(many.await.unwrap(), 2);
    assert_eq!(all.user().count().filter(user::email.eq("b")).await.unwrap(), 2);
    refused(one.tag().upsert_many(tag::name, [tag::New { name: "b".into() }]).await);
}

#[tokio::test]
async fn rows_of_another_tenant_do_not_exist() {
    let (one, _, all, _server) = tenants().await;
    assert_eq!(one.user().find_unique(user::by_id(2)).await.unwrap(), None);
    assert_eq!(
        one.post().find_many().filter(post::title.eq("a").or(post::title.eq("b"))).await.unwrap().len(),
        1
    );
    assert_eq!(one.post().update_many().views(increment(1)).await.unwrap(), 1);
    assert!(one.post().update(post::by_id(2)).title("x").await.unwrap_err().is_not_found());
    assert!(one.post().delete(post::by_id(2)).await.unwrap_err().is_not_found());
    assert_eq!(one.post().delete_many().filter(post::id.eq(2)).await.unwrap(), 0);
    let tag = one.tag().upsert(tag::by_name("b"), tag::New { name: "b".into() }, |tag| tag.name("x")).await;
    assert_eq!(tag.unwrap_err().code(), "P2002");
    let ann = || one.user().update(user::by_id(1));
    assert!(ann().with(user::posts.connect([post::by_id(2)])).await.is_err());
    assert!(ann().with(user::posts.set([post::by_id(2)])).await.is_err());
    assert!(ann().with(user::profile.connect(profile::by_id(2))).await.is_err());
    let new = || one.post().create(post::New { title: "c".into() });
    assert!(new().with(post::author.connect(user::by_id(2))).await.is_err());
    assert!(new().with(post::tags.connect([tag::by_name("b")])).await.is_err());
    let tag = tag::New { name: "b".into() };
    assert!(new().with(post::tags.connect_or_create(tag::by_name("b"), tag)).await.is_err());
    // A row of another tenant may refer to one of this tenant by a number; it is not loaded.
    all.post().update(post::by_id(2)).author_id(1).await.unwrap();
    let ann = one.user().find_unique(user::by_id(1)).include(user::posts).include(user::posts.count());
    let ann = ann.or_not_found().await.unwrap();
    assert_eq!((ann.posts().len(), ann.posts_count()), (1, 1));
    all.post().update(post::by_id(1)).author_id(2).await.unwrap();
    let post = one.post().find_unique(post::by_id(1)).include(post::author).or_not_found().await.unwrap();
    assert_eq!(post.author(), &None);
    refused(one.post().find_many().order_by(post::author.by(user::email.asc())).await);
    // A cursor of another tenant is no place to start from.
    assert_eq!(one.post().find_many().cursor(post::by_id(2)).order_by(post::title.desc()).await.unwrap(), []);
    assert_eq!(one.post().find_many().cursor(post::by_id(1)).await.unwrap().len(), 1);
    let posts = all.post().find_many().order_by(post::id.asc()).await.unwrap();
    assert_eq!((posts.len(), posts[1].title.as_str(), posts[1].views), (2, "b", 0));
}

#[tokio::test]
async fn no_write_moves_a_row_to_another_tenant() {
    let (one, two, all, _server) = tenants().await;
    refused(one.post().update(post::by_id(1)).tenant_id(2).await);
    refused(one.post().update(post::by_id(1)).tenant_id(increment(1)).await);
    refused(one.post().update_many().tenant_id(2).await);
    refused(
        one.user()
            .update(user::by_id(1))
            .with(user::posts.update(post::by_id(1), |post| post.tenant_id(2)))
            .await,
    );
    let new = user::New { email: "a".into() };
    refused(one.user().upsert(user::by_id(1), new, |user| user.tenant_id(2)).await);
    assert_eq!(one.post().update(post::by_id(1)).tenant_id(1).await.unwrap().tenant_id, 1);
    // The tenant is part of a foreign key.
    for db in [&one, &two] {
        db.plan().create(plan::New { name: "free".into() }).await.unwrap();
    }
    let order = one.order().create(order::New {});
    let order = order.with(order::plan.connect(plan::by_tenant_id_and_name(1, "free"))).await.unwrap();
    assert_eq!((order.tenant_id, order.plan_name.as_deref()), (1, Some("free")));
    let free = one.plan().update(plan::by_tenant_id_and_name(1, "free"));
    free.with(plan::orders.create([order::New {}])).await.unwrap();
    assert_eq!(one.order().delete(order::by_id(2)).await.unwrap().plan_name.as_deref(), Some("free"));
    let other = one.order().create(order::New {});
    assert!(other.with(order::plan.connect(plan::by_tenant_id_and_name(2, "free"))).await.is_err());
    let mine = || one.order().update(order::by_id(1));
    refused(mine().with(order::plan.disconnect()).await);
    assert!(mine().with(order::plan.connect(plan::by_tenant_id_and_name(2, "free"))).await.is_err());
    mine().plan_name(NULL).await.unwrap();
    assert_eq!(all.order().find_many().select((order::tenant_id,)).await.unwrap(), [(1,)]);
}

#[tokio::test]
async fn models_without_a_tenant_are_untouched_and_extensions_stack() {
    let (one, two, all, _server) = tenants().await;
    one.country().create(country::New { code: "ch".into(), name: "Switzerland".into() }).await.unwrap();
    assert_eq!(two.country().find_many().await.unwrap().len(), 1);
    assert_eq!(
        two.country().update_each([country::update(country::by_code("ch")).name("Suisse")]).await.unwrap(),
        1
    );
    for db in [one.extend(soft_delete), all.extend(soft_delete).extend(tenant(1))] {
        let post = db.post().create(post::New { title: "d".into() }).await.unwrap();
        assert!(db.post().delete(post::by_id(2)).await.unwrap_err().is_not_found());
        assert_eq!(db.post().delete(post::by_id(post.id)).await.unwrap().tenant_id, 1);
        assert_eq!(db.post().find_unique(post::by_id(post.id)).await.unwrap(), None);
    }
    assert_eq!((all.post().count().await.unwrap(), two.post().count().await.unwrap()), (4, 1));
    // In a batch of another client, a query is still one of its own client. One that has passed no extensions is refused.
    assert_eq!(
        all.batch((one.post().count(), all.post().count(), two.post().count())).await.unwrap(),
        (3, 4, 1)
    );
    assert_eq!(all.batch(vec![one.post().delete_many().boxed()]).await.unwrap(), [3]);
    assert_eq!(all.post().count().await.unwrap(), 1);
    refused(one.batch((one.post().count(), all.post().count())).await);
    refused(one.batch((all.post().count(),)).await);
}

#[tokio::test]
async fn the_field_of_all_tenants_is_found_by_either_name_or_the_query_is_refused() {
    let (all, _server) = database().await;
    let new = |tenant| user::create(user::New { email: "x".into() }).tenant_id(tenant);
    all.user().create_many([new(1), new(2)]).await.unwrap();
    for name in ["tenantId", "tenant_id"] {
        let one = all.extend(move |query: &mut Query| {
            query.scope_all(name, 1);
        });
        assert_eq!(one.user().count().await.unwrap(), 1);
    }
    let none = all.extend(|query: &mut Query| {
        query.scope_all("tenant", 1);
    });
    refused(none.user().count().await);
    refused(none.user().delete_many().await);
    assert_eq!(all.user().count().await.unwrap(), 2);
    assert_eq!(none.country().count().await.unwrap(), 0);
}
