//! Every action that the audit trail speaks of.

use super::{AuditAction, AuditOutcome, AuditShape, AuditVisibility};
use AuditVisibility::{Organization, Staff, Tenant};

const fn operation(
    word: &'static str,
    visibility: AuditVisibility,
    english: &'static str,
    spanish: &'static str,
) -> AuditAction {
    AuditAction {
        word,
        shape: AuditShape::Operation,
        visibility,
        english,
        spanish,
    }
}

const fn done(
    word: &'static str,
    visibility: AuditVisibility,
    english: &'static str,
    spanish: &'static str,
) -> AuditAction {
    AuditAction {
        word,
        shape: AuditShape::Once(AuditOutcome::Done),
        visibility,
        english,
        spanish,
    }
}

const fn refused(word: &'static str, english: &'static str, spanish: &'static str) -> AuditAction {
    AuditAction {
        word,
        shape: AuditShape::Once(AuditOutcome::Refused),
        // The organization of whoever was refused, if they belong to one alone.
        visibility: Organization,
        english,
        spanish,
    }
}

/// Every action, by what it is about.
#[rustfmt::skip]
pub const ACTIONS: &[AuditAction] = &[
    operation("tenant.create",      Tenant,       "New tenant", "Espacio nuevo"),
    operation("tenant.adopt",       Tenant,       "A database becomes a tenant", "Una base de datos pasa a ser espacio"),
    operation("tenant.password",    Tenant,       "Administrator's password set", "Contraseña del administrador"),
    operation("tenant.email",       Tenant,       "Administrator's address changed", "Correo del administrador"),
    operation("tenant.check",       Tenant,       "Tenant looked at and mended", "Espacio revisado y reparado"),
    operation("tenant.rename",      Tenant,       "Tenant renamed", "Espacio renombrado"),
    operation("tenant.suspend",     Tenant,       "Tenant suspended", "Espacio suspendido"),
    operation("tenant.pause",       Tenant,       "Tenant paused", "Espacio pausado"),
    operation("tenant.resume",      Tenant,       "Tenant opened again", "Espacio reabierto"),
    operation("tenant.delete",      Tenant,       "Tenant deleted", "Espacio eliminado"),
    operation("tenant.undelete",    Tenant,       "Deleted tenant brought back", "Espacio eliminado que vuelve"),
    operation("tenant.purge",       Tenant,       "Deleted tenant dropped for good", "Espacio eliminado para siempre"),
    operation("tenant.enter",       Tenant,       "Somebody enters a tenant without a password", "Alguien entra en un espacio sin contraseña"),
    done("support.request",         Tenant,       "Support access asked for", "Acceso de soporte solicitado"),
    done("support.break_glass",     Tenant,       "Support access taken without the customer's leave", "Acceso de soporte tomado sin permiso del cliente"),
    done("support.approve",         Tenant,       "Support access approved", "Acceso de soporte aprobado"),
    done("support.refuse",          Tenant,       "Support access refused by the customer", "Acceso de soporte rechazado por el cliente"),
    done("support.enter",           Tenant,       "Staff enters with a support access", "El personal entra con un acceso de soporte"),
    operation("support.end",        Tenant,       "Support access ended", "Acceso de soporte terminado"),
    done("support.wish",            Organization, "What the organization wants of support accesses", "Qué quiere la organización de los accesos de soporte"),
    operation("tenant.bulk",        Staff,        "One change for many tenants", "Un cambio para muchos espacios"),
    done("tenant.update",           Tenant,       "Company or plan changed", "Empresa o plan cambiados"),
    done("tenant.assign",           Staff,        "Tenant given to an organization or taken back", "Espacio asignado a una organización o retirado"),
    operation("template.build",     Staff,        "Template built", "Plantilla construida"),
    operation("template.warm",      Staff,        "Template warmed", "Plantilla precalentada"),
    operation("template.adopt",     Staff,        "Template made of a database", "Plantilla hecha de una base de datos"),
    operation("template.retire",    Staff,        "Template retired", "Plantilla retirada"),
    done("template.pool",           Staff,        "Number of ready clones decided", "Número de copias listas decidido"),
    done("node.token",              Staff,        "Token for a new server made", "Ficha para un servidor nuevo"),
    done("node.enrol",              Staff,        "Server enrolled", "Servidor incorporado"),
    done("node.update",             Staff,        "Server's mode, bound or labels changed", "Modo, límite o etiquetas de un servidor"),
    done("node.remove",             Staff,        "Server taken out", "Servidor retirado"),
    done("operation.cancel",        Tenant,       "Operation taken back", "Operación retirada"),
    done("operation.retry",         Tenant,       "Dead work tried again", "Trabajo detenido que se reintenta"),
    done("operation.abandon",       Tenant,       "Dead work left as it is", "Trabajo detenido que se abandona"),
    operation("tenant.mend",        Tenant,       "Tenant brought to what is believed of it", "Espacio llevado a lo que consta de él"),
    operation("tenant.move",        Tenant,       "Tenant moved to another server", "Espacio trasladado a otro servidor"),
    operation("tenant.confirm-move", Staff,       "Copy that a move left dropped", "Copia que dejó un traslado eliminada"),
    done("tenant.switch",           Staff,        "Said what may happen to a tenant by itself", "Qué puede ocurrirle a un espacio por sí solo"),
    operation("drift.apply",        Staff,        "Differences with the nodes mended", "Diferencias con los nodos corregidas"),
    done("work.run",                Staff,        "Regular work done at once", "Trabajo periódico hecho en el momento"),
    done("node.rotate",             Staff,        "Another credential asked of a server", "Otra credencial pedida a un servidor"),
    done("node.credential",         Staff,        "A server brought itself another credential", "Un servidor renovó su credencial"),
    done("node.give_up",            Staff,        "A lost server given up with its tenants", "Un servidor perdido dado de baja con sus espacios"),
    done("sso.add",                 Organization, "Identity provider added", "Proveedor de identidad añadido"),
    done("sso.change",              Organization, "Identity provider changed", "Proveedor de identidad cambiado"),
    done("sso.remove",              Organization, "Identity provider removed", "Proveedor de identidad retirado"),
    done("sso.link",                Staff,        "Account linked with an identity provider", "Cuenta enlazada con un proveedor de identidad"),
    done("sso.unlink",              Staff,        "Account no longer linked with an identity provider", "Cuenta que deja de estar enlazada con un proveedor"),
    done("sso.logout",              Staff,        "Signed out by the identity provider", "Sesión cerrada por el proveedor de identidad"),
    done("key.create",              Organization, "API key made", "Clave de API creada"),
    done("key.rotate",              Organization, "API key rotated", "Clave de API renovada"),
    done("key.revoke",              Organization, "API key revoked", "Clave de API revocada"),
    done("person.owner",            Staff,        "Owner's link used", "Enlace de propietario usado"),
    done("person.owner-link",       Staff,        "Owner's link made on the server's machine", "Enlace de propietario creado en el servidor"),
    done("person.invite",           Staff,        "Somebody invited into the staff", "Alguien invitado al personal"),
    done("person.join",             Organization, "Invitation accepted", "Invitación aceptada"),
    done("person.change",           Staff,        "Somebody's role or access changed", "Función o acceso de alguien cambiados"),
    done("person.reset",            Staff,        "Link for another password made", "Enlace para otra contraseña"),
    done("person.email-link",       Staff,        "Link for another address made", "Enlace para otro correo"),
    done("person.email",            Staff,        "Address changed", "Correo cambiado"),
    done("person.password",         Staff,        "Password changed", "Contraseña cambiada"),
    done("session.begin",           Staff,        "Signed in", "Sesión iniciada"),
    done("session.end",             Staff,        "Signed out", "Sesión cerrada"),
    done("session.end-all",         Staff,        "Signed out everywhere", "Sesiones cerradas en todas partes"),
    done("session.token-reused",    Staff,        "A used refresh token came again, and the session was ended", "Volvió una ficha ya usada y se cerró la sesión"),
    done("organization.create",     Organization, "Organization made", "Organización creada"),
    done("organization.update",     Organization, "Organization renamed", "Organización renombrada"),
    done("member.invite",           Organization, "Somebody invited into the organization", "Alguien invitado a la organización"),
    done("member.change",           Organization, "Member's role changed, or member taken out", "Función de un miembro, o su salida"),
    done("setting.set",             Staff,        "Setting changed", "Ajuste cambiado"),
    done("setting.reset",           Staff,        "Setting back to its default", "Ajuste devuelto a su valor inicial"),
    done("secrets.rotate",          Staff,        "Keys of the stored secrets exchanged", "Claves de los secretos guardados renovadas"),
    done("block.lift",              Staff,        "Block of the front door lifted", "Bloqueo de la puerta levantado"),
    done("audit.key",               Staff,        "Key made that signs the audit trail", "Clave que firma el registro creada"),
    done("audit.drop",              Staff,        "Days of the audit trail dropped by retention", "Días del registro retirados por antigüedad"),
    done("audit.cut",               Staff,        "The chain ends before what this server had sealed", "La cadena acaba antes de lo que este servidor selló"),
    refused("session.refused",      "Sign-in refused", "Inicio de sesión rechazado"),
    refused("refused.role",         "Refused: the role does not allow it", "Rechazado: la función no lo permite"),
    refused("refused.credential",   "Refused: the credential does not work", "Rechazado: la credencial no sirve"),
    refused("refused.foreign-page", "Refused: the request came from another page", "Rechazado: la petición vino de otra página"),
    refused("refused.sso",          "Refused: single sign-on", "Rechazado: inicio de sesión único"),
    refused("refused.link",         "Refused: the link or token is not valid", "Rechazado: el enlace o la ficha no vale"),
];
