//! Measured sizes grow old, and fewer of them are kept.

use crate::{Outcome, Plane};
use control::Caller;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use wire::node::Observed;

#[tokio::test]
async fn measured_sizes_are_thinned_as_they_grow_old_and_the_newest_stays() -> Outcome {
    let plane = Plane::start().await?;
    plane.tenant("acme").await?;
    let tenant: domain::TenantId = plane
        .control
        .tenant(&Caller::system(), &"acme".parse()?)
        .await?
        .id;
    // Two hundred days of hours, as the node's heartbeat brings them.
    let begun = plane.world.now();
    sqlx::query(
        "INSERT INTO tenant_size (tenant_id, at, database_bytes)
         SELECT $1, date_trunc('hour', $2::timestamptz) - make_interval(hours => n), n FROM generate_series(1, 4800) n",
    )
    .bind(tenant.uuid())
    .bind(begun.to_string())
    .execute(&plane.pool)
    .await?;
    let observed = Observed {
        sizes: BTreeMap::from([(tenant, 77)]),
        ..Observed::default()
    };
    plane.control.node_observed(plane.node, &observed).await?;
    let view = plane
        .control
        .tenant_size(&Caller::system(), &"acme".parse()?)
        .await?;
    assert_eq!(view.points.len(), 4801);
    assert!(plane.control.thin_sizes().await? > 0);
    let view = plane
        .control
        .tenant_size(&Caller::system(), &"acme".parse()?)
        .await?;
    let ages: Vec<i64> = view
        .points
        .iter()
        .map(|point| begun.duration_since(point.at).as_hours())
        .collect();
    let between = |from: i64, to: i64| ages.iter().filter(|age| (from..to).contains(age)).count();
    assert_eq!(between(0, 72), 72, "{ages:?}");
    assert!((86..=113).contains(&between(73, 90 * 24)), "{ages:?}");
    assert!((14..=18).contains(&between(90 * 24 + 1, 4802)), "{ages:?}");
    assert_eq!(view.now.map(|now| now.database_bytes), Some(77));
    // Years later, the newest is still known.
    plane.world.advance(SignedDuration::from_hours(5 * 366 * 24));
    assert!(plane.control.thin_sizes().await? > 0);
    let view = plane
        .control
        .tenant_size(&Caller::system(), &"acme".parse()?)
        .await?;
    assert_eq!(view.points.len(), 1);
    assert_eq!(view.now.map(|now| now.database_bytes), Some(77));
    Ok(())
}
