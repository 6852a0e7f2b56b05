//! What an operation failed of, for people who do not read the node's own English.

use crate::language::Language;
use wire::operation::Failure;

/// The failure in the caller's language; what the node said stands behind it, for whoever mends it.
pub(crate) fn told(failure: &Failure, language: Language) -> String {
    let (code, detail) = (&failure.code, &failure.detail);
    match (language, spanish(code)) {
        (Language::Spanish, Some(words)) => format!("{words} ({code}: {detail})"),
        _ => format!("{detail} ({code})"),
    }
}

/// The failure in words alone, for pages: the node's own English is only for whom there is nothing better.
pub(crate) fn plain(code: &str, detail: &str, language: Language) -> String {
    match (language, spanish(code)) {
        (Language::Spanish, Some(words)) => match versions(code, detail) {
            Some((found, here)) => {
                format!("{words} El archivo es de Odoo {found} y aquí se sirve Odoo {here}.")
            }
            None => words.to_owned(),
        },
        _ => detail.to_owned(),
    }
}

/// The version of what was to be imported, and the one that is served.
fn versions<'a>(code: &str, detail: &'a str) -> Option<(&'a str, &'a str)> {
    let numbers = detail.split("Odoo ").skip(1);
    let mut numbers = numbers.map(|rest| rest.split([',', ' ']).next().unwrap_or_default());
    (code == "import-version").then(|| Some((numbers.next()?, numbers.next()?)))?
}

fn spanish(code: &str) -> Option<&'static str> {
    Some(match code {
        "administrator-not-found" => "No se encontró al administrador del espacio dentro de Odoo.",
        "cancelled" => "Se canceló antes de empezar.",
        "archive-failed" => "El archivo del registro de PostgreSQL no sirvió para volver a ese momento.",
        "moment-out-of-reach" => "A ese momento no se puede volver.",
        "check-failed" => "Lo que se comprobó después de escribir no era lo esperado.",
        "backup-damaged" => "La copia de seguridad está dañada; use otra. No se cambió nada.",
        "backup-key-wrong" => "La clave no abre esta copia de seguridad: se cifró para otra.",
        "backup-missing" => "El almacén no tiene esta copia de seguridad, o no existe su contenedor.",
        "store-away" => "El almacén de copias no responde, o se cortó la línea.",
        "store-denied" => "El almacén de copias no acepta las credenciales para esto.",
        "store-full" => "En el almacén de copias no queda sitio. Libere espacio o conserve menos copias.",
        "store-refused" => "El almacén de copias rechazó una petición.",
        "store-of-another" => {
            "La carpeta de copias es de otro nodo. Dé a este una propia o, si el otro ya no volverá, quite el archivo .tenantry-node de ella."
        }
        "connection-kept" => {
            "Esa conexión es de un superusuario, del propio nodo o de PostgreSQL, y no se termina."
        }
        "looked-too-long" => "Mirarlo tardó demasiado y se dejó; inténtelo cuando haya menos actividad.",
        "table-busy" => {
            "Alguien retiene esa tabla desde hace rato. Mire las conexiones e inténtelo de nuevo."
        }
        "table-unknown" => "No hay una tabla con ese nombre en la que se pueda trabajar.",
        "work-stopped" => "El trabajo se detuvo antes de acabar. Lo ya hecho se queda; nada quedó a medias.",
        "country-not-found" => "Ese país no existe en la plantilla.",
        "database-exists" => "Ya existe una base de datos con ese nombre que no es de este espacio.",
        "database-in-use" => "La base de datos siguió ocupada; inténtelo de nuevo en un momento.",
        "disk-full" => {
            "No hay sitio suficiente en el disco del servidor. Libere espacio e inténtelo de nuevo."
        }
        "dump-failed" => "No se pudo hacer la copia que debe existir antes de purgar.",
        "edge-still-closed" => "El borde sigue sin servir la dirección; nada quedó a medias.",
        "edge-still-open" => "El borde sigue sirviendo la dirección, y no se puede decir que esté cerrada.",
        "file-failed" => "No se pudo usar un archivo o una carpeta del servidor.",
        "filestore-exists" => "Ya existe una carpeta de archivos con ese nombre que no es de este espacio.",
        "internal" => "Algo falló en el servidor que no debía fallar; el registro del nodo dice qué.",
        "language-not-installed" => "Ese idioma no está instalado en la plantilla.",
        "login-taken" => "Otro usuario de ese Odoo ya entra con esa dirección.",
        "import-acting" => {
            "El volcado contiene funciones, disparadores u otras cosas que Odoo no crea y que podrían actuar por sí solas. Quítelas donde está y haga el volcado de nuevo."
        }
        "import-damaged" => "El archivo está dañado o llegó cortado. Súbalo de nuevo.",
        "import-foreign" => {
            "No es una copia de Odoo: tiene que ser el zip que hace Odoo, o un volcado de PostgreSQL de una base de datos de Odoo."
        }
        "import-large" => {
            "Al desempaquetarlo se hace desmesuradamente grande, y eso no lo hace ninguna copia de Odoo."
        }
        "import-refused" => {
            "PostgreSQL no acepta lo que hay en el volcado, o hace más que llenar su base de datos."
        }
        "import-version" => {
            "Es de otra versión de Odoo. Actualícela primero, o impórtela donde se sirva la suya."
        }
        "nothing-fits" => "En la copia no hay nada que corresponda a lo que se pidió.",
        "not-adoptable" => "Esa base de datos no se puede adoptar tal como está.",
        "order-unreadable" => "El servidor no pudo leer la orden; actualice su agente.",
        "odoo-failed" => "Odoo no terminó bien lo que se le pidió.",
        "order-unknown" => "El agente del servidor no conoce esta orden; actualícelo y pídala de nuevo.",
        "postgres-failed" => "PostgreSQL rechazó un paso.",
        "postgres-unavailable" => "El PostgreSQL del servidor no responde.",
        "away" => "De uno de los nodos no hay noticias, o está detenido.",
        "busy" => "El espacio estuvo ocupado con otra operación.",
        "copy-kept" => "Aún se guarda la copia que dejó su último traslado; confírmelo primero.",
        "gone" => "El espacio ya no está en el nodo.",
        "no-room" => "Ningún nodo puede recibirlo.",
        "old-agent" => "El agente de uno de los nodos no sabe trasladar; actualícelo.",
        "partly-drained" => "El nodo no quedó vacío; el vaciado dice por qué de cada espacio.",
        "pinned" => {
            "Se creó para este nodo por su nombre; pida que también se vayan los fijados, o trasládelo usted."
        }
        "state" => "Un espacio en este estado no se traslada.",
        "stopped" => "El operador lo ha detenido y no se le entrega ninguna orden.",
        "superseded" => "Otra orden posterior ocupa el lugar de esta.",
        "template-damaged" => "La plantilla no es la que se construyó; constrúyala de nuevo.",
        "template-missing" => "El servidor no tiene esa plantilla lista para clonar.",
        "tenant-shut" => "El espacio está cerrado y nadie puede entrar en él ahora.",
        "node-removed" => "Uno de los servidores fue retirado.",
        "transfer-broken" => "El paso de un servidor al otro se cortó; nada quedó a medias.",
        "transfer-changed" => "Lo que llegó no es lo que se envió; mire qué hay entre los servidores.",
        "tenant-unknown" => "El servidor no conoce ese espacio.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_says_is_all_in_its_language_and_names_both_versions() {
        let detail = "It is of Odoo 18.0, and Odoo 19.0 is served here. Upgrade it to 19.0 first, or import it where 18.0 is served.";
        let spanish = plain("import-version", detail, Language::Spanish);
        assert!(
            spanish.ends_with("El archivo es de Odoo 18.0 y aquí se sirve Odoo 19.0."),
            "{spanish}"
        );
        assert_eq!(plain("import-version", detail, Language::English), detail);
        assert_eq!(
            plain("import-version", "another way to say it", Language::Spanish),
            "Es de otra versión de Odoo. Actualícela primero, o impórtela donde se sirva la suya."
        );
        let full = plain("disk-full", "No space left on device.", Language::Spanish);
        assert!(full.contains("disco") && !full.contains("device"), "{full}");
        assert_eq!(
            plain("unheard-of", "What the node said.", Language::Spanish),
            "What the node said."
        );
    }
}
