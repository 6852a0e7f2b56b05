//! Every setting there is.

use super::{Setting, SettingKind};
use crate::backup::BackupSchedule;
use crate::wall::WallMode;

const fn wall(key: &'static str, english: &'static str, spanish: &'static str) -> Setting {
    Setting {
        key,
        kind: SettingKind::Word(WallMode::WORDS),
        default: "refuse",
        english,
        spanish,
    }
}

const fn limit(
    key: &'static str,
    default: &'static str,
    english: &'static str,
    spanish: &'static str,
) -> Setting {
    Setting {
        key,
        kind: SettingKind::Number {
            least: 0,
            most: 100_000_000,
        },
        default,
        english,
        spanish,
    }
}

/// Every setting, in the order in which lists show them.
pub const SETTINGS: &[Setting] = &[
    Setting {
        key: "password.shortest",
        kind: SettingKind::Number { least: 8, most: 64 },
        default: "8",
        english: "Shortest new password, in characters.",
        spanish: "Contraseña nueva más corta, en caracteres.",
    },
    Setting {
        key: "factor.staff",
        kind: SettingKind::Word(&["optional", "required"]),
        default: "optional",
        english: "Whether everybody of the staff must have a second factor: optional or required. Whoever has none then can do nothing but set one up.",
        spanish: "Si todo el personal debe tener un segundo factor: optional o required. Quien no lo tenga solo podrá configurarlo.",
    },
    Setting {
        key: "factor.fresh_minutes",
        kind: SettingKind::Number { least: 1, most: 1440 },
        default: "15",
        english: "For how many minutes after somebody proved who they are their session may do what can do great harm.",
        spanish: "Durante cuántos minutos, desde que alguien demostró quién es, su sesión puede hacer lo que causa gran daño.",
    },
    Setting {
        key: "tenant.tombstone_days",
        kind: SettingKind::Number { least: 1, most: 365 },
        default: "30",
        english: "For how many days a deleted tenant can come back. It holds for those deleted from then on.",
        spanish: "Durante cuántos días puede volver un espacio eliminado. Vale para los que se eliminen desde entonces.",
    },
    Setting {
        key: "move.keep_days",
        kind: SettingKind::Number { least: 0, most: 365 },
        default: "7",
        english: "For how many days the copy is kept that a moved tenant leaves on its former node. It holds for moves that end from then on.",
        spanish: "Durante cuántos días se guarda la copia que deja en su nodo anterior un espacio trasladado. Vale para los traslados que acaben desde entonces.",
    },
    Setting {
        key: "backup.every_hours",
        kind: SettingKind::Number {
            least: 0,
            most: BackupSchedule::MOST_HOURS,
        },
        default: "24",
        english: "How many hours pass from one backup of a tenant to the next, where neither it nor its plan says otherwise; zero takes none by the clock.",
        spanish: "Cuántas horas pasan entre una copia de seguridad de un espacio y la siguiente, si ni él ni su plan dicen otra cosa; con cero no se hace ninguna sola.",
    },
    Setting {
        key: "backup.opens_hour",
        kind: SettingKind::Number {
            least: 0,
            most: BackupSchedule::LAST_HOUR,
        },
        default: "1",
        english: "At which hour (UTC) backups begin to be taken, where neither the tenant nor its plan says otherwise.",
        spanish: "A qué hora (UTC) se empiezan a hacer las copias de seguridad, si ni el espacio ni su plan dicen otra cosa.",
    },
    Setting {
        key: "backup.window_hours",
        kind: SettingKind::Number { least: 1, most: 24 },
        default: "5",
        english: "Over how many hours backups are spread; every tenant has its own time in them.",
        spanish: "En cuántas horas se reparten las copias de seguridad; cada espacio tiene su momento.",
    },
    Setting {
        key: "backup.at_once",
        kind: SettingKind::Number { least: 1, most: 16 },
        default: "2",
        english: "How many backups a node takes at once.",
        spanish: "Cuántas copias de seguridad hace a la vez un nodo.",
    },
    Setting {
        key: "backup.proofs_a_day",
        kind: SettingKind::Number {
            least: 0,
            most: 10_000,
        },
        default: "20",
        english: "How many backups a node restores for proof in a day at most.",
        spanish: "Cuántas copias de seguridad restaura como prueba un nodo al día como mucho.",
    },
    Setting {
        key: "backup.asked_days",
        kind: SettingKind::Number { least: 0, most: 365 },
        default: "7",
        english: "For how many days a backup that somebody asked for, or that was taken before something risky, stays whatever the store's rules say.",
        spanish: "Durante cuántos días queda, digan lo que digan las reglas del almacén, una copia que alguien pidió o que se hizo antes de algo arriesgado.",
    },
    Setting {
        key: "backup.after_purge_days",
        kind: SettingKind::Number { least: 1, most: 3650 },
        default: "90",
        english: "For how many days after the newest of them the backups of a purged tenant stay; held ones stay longer.",
        spanish: "Durante cuántos días después de la más nueva se conservan las copias de seguridad de un espacio borrado; las retenidas, más.",
    },
    Setting {
        key: "backup.recovery_key",
        kind: SettingKind::Text { longest: 100 },
        default: "",
        english: "A public key in age's form (age1…) that can read every backup taken from then on, for the day on which all else is lost. Keep its secret half away from here.",
        spanish: "Una clave pública de age (age1…) que podrá leer toda copia hecha desde entonces, por si se pierde todo lo demás. Guarde su mitad secreta lejos de aquí.",
    },
    Setting {
        key: "support.longest_minutes",
        kind: SettingKind::Number {
            least: 15,
            most: 1440,
        },
        default: "240",
        english: "For how many minutes at most somebody of the staff may be inside a tenant with one support access.",
        spanish: "Durante cuántos minutos como mucho puede estar alguien del equipo dentro de un espacio con un acceso de soporte.",
    },
    Setting {
        key: "support.request_hours",
        kind: SettingKind::Number { least: 1, most: 168 },
        default: "24",
        english: "For how many hours a support access waits to be approved, and, approved, to be used.",
        spanish: "Durante cuántas horas espera un acceso de soporte a que lo aprueben y, aprobado, a que lo usen.",
    },
    Setting {
        key: "support.unowned",
        kind: SettingKind::Word(&["approval", "open"]),
        default: "approval",
        english: "Support accesses to tenants of no organization: approval (an admin other than whoever asks) or open.",
        spanish: "Accesos de soporte a espacios de ninguna organización: approval (un administrador que no sea quien pide) u open.",
    },
    Setting {
        key: "node.lost_minutes",
        kind: SettingKind::Number {
            least: 2,
            most: 10_080,
        },
        default: "15",
        english: "After how many minutes without a word a node is lost: nothing is decided about its tenants then.",
        spanish: "Tras cuántos minutos sin noticias se da por perdido un nodo: entonces no se decide nada sobre sus espacios.",
    },
    Setting {
        key: "node.credential_days",
        kind: SettingKind::Number { least: 1, most: 3650 },
        default: "90",
        english: "After how many days a node brings itself another credential.",
        spanish: "Tras cuántos días un nodo se renueva su credencial.",
    },
    limit(
        "limits.per_address",
        "6000",
        "Requests a minute from one address (an IPv6 network of 64 bits counts as one); 0 is no limit.",
        "Peticiones por minuto desde una dirección (una red IPv6 de 64 bits cuenta como una); 0 es sin límite.",
    ),
    limit(
        "limits.per_key",
        "12000",
        "Requests a minute with one API key or credential; 0 is no limit.",
        "Peticiones por minuto con una clave de API o credencial; 0 es sin límite.",
    ),
    limit(
        "limits.in_all",
        "1200000",
        "Requests a minute to one server, from everywhere; 0 is no limit.",
        "Peticiones por minuto a un servidor, desde todas partes; 0 es sin límite.",
    ),
    wall(
        "wall.traversal",
        "Paths that climb out of their folder: refuse, report or off.",
        "Rutas que salen de su carpeta: refuse (rechazar), report (anotar) u off (nada).",
    ),
    wall(
        "wall.null_byte",
        "Null bytes in path or query: refuse, report or off.",
        "Bytes nulos en la ruta o la consulta: refuse, report u off.",
    ),
    wall(
        "wall.headers",
        "Decisive headers given twice, and headers far too long: refuse, report or off.",
        "Cabeceras decisivas repetidas o desmesuradas: refuse, report u off.",
    ),
    wall(
        "wall.scanner_path",
        "Addresses of other programs that only scanners ask for: refuse, report or off.",
        "Direcciones de otros programas que solo piden los escáneres: refuse, report u off.",
    ),
    wall(
        "wall.scanner_agent",
        "Programs that say that they look for holes: refuse, report or off.",
        "Programas que dicen buscar fallos: refuse, report u off.",
    ),
    Setting {
        key: "pool.least",
        kind: SettingKind::Number { least: 0, most: 1000 },
        default: "2",
        english: "Ready clones that wait for each template even without demand. Until it is set, each node's own configuration holds.",
        spanish: "Clones listos que esperan por plantilla aun sin demanda. Hasta que se ponga, vale la configuración de cada nodo.",
    },
    Setting {
        key: "pool.most",
        kind: SettingKind::Number { least: 0, most: 1000 },
        default: "20",
        english: "Most ready clones of a template that demand may ask for. Until it is set, each node's own configuration holds.",
        spanish: "Máximo de clones listos por plantilla que puede pedir la demanda. Hasta que se ponga, vale la configuración de cada nodo.",
    },
    Setting {
        key: "pool.pause_ms",
        kind: SettingKind::Number {
            least: 0,
            most: 600_000,
        },
        default: "250",
        english: "Pause between two ready clones that are made, in milliseconds. Until it is set, each node's own configuration holds.",
        spanish: "Pausa entre dos clones listos que se hacen, en milisegundos. Hasta que se ponga, vale la configuración de cada nodo.",
    },
    Setting {
        key: "cors.origins",
        kind: SettingKind::Origins,
        default: "",
        english: "Origins whose scripts may use the API from a browser. None by default.",
        spanish: "Orígenes cuyos scripts pueden usar la API desde un navegador. Ninguno de inicio.",
    },
    Setting {
        key: "audit.retention_days",
        kind: SettingKind::Number {
            least: 0,
            most: 36_500,
        },
        default: "0",
        english: "For how many days the audit trail is kept; 0 is for ever. Whole days that have ended are dropped, their signed heads stay.",
        spanish: "Durante cuántos días se guarda el registro de auditoría; 0 es para siempre. Se retiran días enteros ya acabados; sus cabezas firmadas quedan.",
    },
    Setting {
        key: "registration.trial",
        kind: SettingKind::Word(&["off", "on"]),
        default: "off",
        english: "Whether whoever comes to /register gets a workspace for a while: off or on.",
        spanish: "Si quien viene a /register recibe un espacio de trabajo por un tiempo: off u on.",
    },
    Setting {
        key: "registration.plan",
        kind: SettingKind::Text { longest: 40 },
        default: "free",
        english: "The plan of such a workspace.",
        spanish: "El plan de tal espacio.",
    },
    Setting {
        key: "registration.product",
        kind: SettingKind::Text { longest: 40 },
        default: "odoo",
        english: "The product of such a workspace.",
        spanish: "El producto de tal espacio.",
    },
    Setting {
        key: "registration.days",
        kind: SettingKind::Number { least: 1, most: 365 },
        default: "14",
        english: "For how many days such a workspace is open. It holds for those who register from then on.",
        spanish: "Durante cuántos días está abierto tal espacio. Vale para quienes se registren desde entonces.",
    },
    Setting {
        key: "registration.most_a_day",
        kind: SettingKind::Number {
            least: 0,
            most: 10_000,
        },
        default: "20",
        english: "How many may register within 24 hours, in all.",
        spanish: "Cuántos pueden registrarse en 24 horas, en total.",
    },
    Setting {
        key: "registration.most_from_one",
        kind: SettingKind::Number {
            least: 1,
            most: 10_000,
        },
        default: "3",
        english: "How many may register within 24 hours from one address (an IPv6 network of 64 bits counts as one).",
        spanish: "Cuántos pueden registrarse en 24 horas desde una dirección (una red IPv6 de 64 bits cuenta como una).",
    },
    Setting {
        key: "brand.name",
        kind: SettingKind::Text { longest: 60 },
        default: "Tenantry",
        english: "The name at the head of every page.",
        spanish: "El nombre en la cabecera de cada página.",
    },
];
