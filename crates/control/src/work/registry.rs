//! Everything that the control plane does by itself, on one screen: sagas, jobs, reconcilers, schedules.

use crate::Control;
use crate::work::{backup, download, drain, forget, mend, reconcile, relocate};
use jiff::SignedDuration;
use operations::{Description, Registry, Rhythm};

/// Everything that there is. A saga whose list of steps changes gets the next version, and the old one stays beside it.
pub fn registry() -> Registry<Control> {
    let registry = Registry::default()
        .saga(mend::saga())
        .saga(relocate::saga())
        .saga(drain::saga());
    let registry = registry
        .saga(backup::take())
        .saga(backup::verify())
        .saga(backup::prune())
        .saga(backup::restore())
        .saga(download::saga());
    schedules(reconcilers(registry))
}

const fn reconciler(
    name: &'static str,
    kind: &'static str,
    seconds: i64,
    keeps: [&'static str; 2],
) -> Description {
    Description {
        name,
        kind,
        keeps,
        rhythm: Rhythm::Every(SignedDuration::from_secs(seconds)),
        time_zone: "UTC",
        is_reconciler: true,
    }
}

const fn schedule(
    name: &'static str,
    kind: &'static str,
    cron: &'static str,
    keeps: [&'static str; 2],
) -> Description {
    Description {
        name,
        kind,
        keeps,
        rhythm: Rhythm::Cron(cron),
        time_zone: "UTC",
        is_reconciler: false,
    }
}

#[rustfmt::skip]
fn reconcilers(registry: Registry<Control>) -> Registry<Control> {
    registry
        .regular(reconciler("backups", "regular.backups", 60,
            ["Backups are taken when they are due.", "Las copias de seguridad se hacen cuando les toca."]), reconcile::Backups)
        .regular(reconciler("backup-proofs", "regular.backup-proofs", 300,
            ["Backups are restored for proof.", "Las copias de seguridad se restauran como prueba."]), reconcile::Proofs)
        .regular(reconciler("backup-retention", "regular.backup-retention", 600,
            ["Backups that no rule keeps are forgotten.", "Se olvidan las copias de seguridad que ninguna regla conserva."]), reconcile::Retention)
        .regular(reconciler("drift", "regular.drift", 60,
            ["What the control plane believes is what the nodes see.", "Lo que cree el plano de control es lo que ven los nodos."]), reconcile::Drift)
        .regular(reconciler("edge", "regular.edge", 60,
            ["The edge serves each tenant as it stands.", "El borde atiende cada espacio según su situación."]), reconcile::Edge)
        .regular(reconciler("expiry", "regular.expiry", 30,
            ["Tenants whose time has ended are suspended.", "Se suspenden los espacios cuyo plazo terminó."]), reconcile::Expiry)
        .regular(reconciler("kept-copies", "regular.kept-copies", 60,
            ["Copies that moved tenants left go when their time is over.", "Las copias que dejan los espacios trasladados se van cuando vence su plazo."]), reconcile::KeptCopies)
        .regular(reconciler("leases", "regular.leases", 30,
            ["No work stays with a server that stopped.", "Ningún trabajo se queda en un servidor que se detuvo."]), reconcile::Leases)
        .regular(reconciler("node-state", "regular.node-state", 30,
            ["Every node is heard of.", "Se tienen noticias de todos los nodos."]), reconcile::NodeState)
        .regular(reconciler("pools", "regular.pools", 60,
            ["Enough ready clones wait on every node.", "En cada nodo esperan bastantes copias preparadas."]), reconcile::Pools)
        .regular(reconciler("templates", "regular.templates", 300,
            ["A template is of one version on all nodes.", "Una plantilla tiene la misma versión en todos los nodos."]), reconcile::Templates)
        .regular(reconciler("uploads", "regular.uploads", 600,
            ["Uploads that nobody wants any more are removed.", "Se quitan las subidas que ya nadie quiere."]), reconcile::Uploads)
        .regular(reconciler("tombstones", "regular.tombstones", 60,
            ["Deleted tenants are purged when their time is over.", "Los espacios eliminados se purgan cuando vence su plazo."]), reconcile::Tombstones)
}

#[rustfmt::skip]
fn schedules(registry: Registry<Control>) -> Registry<Control> {
    registry
        .regular(schedule("forget-jobs", "regular.forget-jobs", "40 3 * * *",
            ["Jobs that ended two weeks ago are forgotten.", "Se olvidan los trabajos terminados hace dos semanas."]), forget::Jobs)
        .regular(schedule("thin-sizes", "regular.thin-sizes", "41 2 * * *",
            ["Of measured sizes, fewer are kept the older they are.", "De los tamaños medidos se conservan menos cuanto más antiguos son."]), forget::Sizes)
        .regular(schedule("forget-sign-ins", "regular.forget-sign-ins", "17 * * * *",
            ["Sign-ins and sessions of ninety days ago are forgotten.", "Se olvidan los inicios de sesión y las sesiones de hace noventa días."]), forget::SignIns)
}
