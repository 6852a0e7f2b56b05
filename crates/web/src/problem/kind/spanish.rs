//! The problems in Spanish.

use super::Kind;
use crate::language::Language;

impl Kind {
    pub(super) const fn spanish(self) -> (&'static str, &'static str) {
        match self {
            Self::Invalid => (
                "Hay campos incorrectos",
                "Algunos campos no cumplen una regla; vea errors.",
            ),
            Self::Malformed => (
                "El cuerpo no es JSON",
                "El cuerpo no se puede leer como un objeto JSON.",
            ),
            Self::SlowBody => (
                "El cuerpo llegó demasiado despacio",
                "El cuerpo no llegó a tiempo. Envíelo otra vez de una sola vez.",
            ),
            Self::Blocked => (
                "Rechazada en la puerta",
                "Esta petición parece un ataque. Si no lo es, díganos este número y la dejaremos pasar:",
            ),
            Self::TooMany => (
                "Demasiadas peticiones",
                "Fueron demasiadas peticiones en un minuto. Vuelva pasado el tiempo que dice Retry-After.",
            ),
            Self::Overloaded => (
                "Demasiado ocupado",
                "El servidor atiende todas las peticiones que puede. Nada ha cambiado; inténtelo en un momento.",
            ),
            Self::TookTooLong => (
                "Tardó demasiado",
                "La petición tardó demasiado y se abandonó. Mire si se hizo antes de repetirla.",
            ),
            Self::TooLarge => ("El cuerpo es demasiado grande", "El cuerpo supera los 64 kB."),
            Self::MediaType => (
                "El cuerpo es de otro tipo",
                "Envíe el cuerpo como application/json.",
            ),
            Self::Unauthenticated => (
                "¿Quién es usted?",
                "Entre, o envíe una clave de API válida como X-API-KEY o como Authorization: Bearer.",
            ),
            Self::Credentials => ("No ha entrado", "La dirección o la contraseña no es correcta."),
            Self::Limited => (
                "Demasiados intentos",
                "Hubo demasiados intentos fallidos. Inténtelo más tarde; Retry-After dice cuándo.",
            ),
            Self::DownloadsCrowded => (
                "Otros están descargando",
                "El nodo ya envía tantas descargas a la vez como puede. No se pierde nada y el enlace sigue valiendo: vuelva en un minuto.",
            ),
            Self::UploadsCrowded => (
                "Hay demasiadas subidas abiertas",
                "Se guardan tantas subidas como puede haber a la vez. Importe o quite una de ellas y empiece de nuevo.",
            ),
            Self::DiskFull => (
                "El disco del servidor está lleno",
                "El servidor no tiene sitio para más de este archivo. Lo que ya llegó se queda: libere espacio y continúe donde estaba.",
            ),
            Self::Forbidden => ("No permitido", "Su rol o su clave no permite hacer esto."),
            Self::ForeignPage => (
                "No viene de aquí",
                "Este cambio no vino de una página nuestra, o vino sin su X-CSRF-Token.",
            ),
            Self::NotFound => ("No encontrado", "Aquí no hay nada con ese nombre."),
            Self::Method => ("Método no permitido", "Esta dirección no acepta este método."),
            Self::LinkOver => (
                "El enlace ya no vale",
                "Este enlace o código ya se usó, caducó o nunca existió. Pida uno nuevo.",
            ),
            Self::NameTaken => (
                "El nombre está ocupado",
                "subdomain: este nombre está ocupado, en esta u otra forma de escribirlo. Elija otro.",
            ),
            Self::Busy => (
                "Ocupado",
                "Hay otra operación en curso sobre este espacio. Inténtelo de nuevo cuando termine.",
            ),
            Self::State => (
                "No en este estado",
                "El estado del espacio no permite hacer esto.",
            ),
            Self::IdempotencyKeyReused => (
                "Idempotency-Key ya usada",
                "Esta Idempotency-Key llegó antes con otra petición. Use una nueva.",
            ),
            Self::KeyNameTaken => (
                "El nombre está ocupado",
                "name: hay una clave de API vigente con este nombre. Elija otro o revóquela.",
            ),
            Self::EmailTaken => (
                "La dirección está ocupada",
                "Alguien entra ya con esta dirección. Si es usted, entre primero y abra el enlace de nuevo.",
            ),
            Self::OrganizationNameTaken => (
                "El nombre está ocupado",
                "name: ya hay una organización con este nombre. Elija otro.",
            ),
            Self::ProviderNameTaken => (
                "El nombre está ocupado",
                "name: ya hay un proveedor de identidad con este nombre. Elija otro.",
            ),
            Self::SignOn => (
                "No ha entrado",
                "La respuesta del proveedor no prueba nada. Empiece de nuevo.",
            ),
            Self::SignOnForbidden => ("No ha entrado", "Con este proveedor no se entra aquí."),
            Self::ProviderFailed => (
                "El proveedor no funciona",
                "El proveedor de identidad no funciona como debe. Inténtelo en un momento.",
            ),
            Self::PasswordBarred => (
                "No con contraseña",
                "Aquí se entra con el proveedor de identidad. Elija «Continuar con» en la página de entrada.",
            ),
            Self::Factor(kind) => kind.text(Language::Spanish),
            Self::LogoutToken => (
                "No es un código de salida",
                "El cuerpo no es un formulario con un código de salida de este proveedor que valga y sea nuevo.",
            ),
            Self::LastOwner => (
                "Es el último propietario",
                "No quedaría ningún propietario. Nombre antes a otra persona.",
            ),
            Self::JustRefreshed => (
                "Ya renovado",
                "Otra petición renovó estos códigos hace un momento; use los nuevos.",
            ),
            Self::NoTemplate => (
                "No hay plantilla",
                "Ningún nodo tiene esta plantilla lista para clonar. Constrúyala: tenantry template build.",
            ),
            Self::NoRoom => (
                "No hay sitio",
                "Ningún nodo con la plantilla admite otro espacio. Lo que lo impide:",
            ),
            Self::NodeInUse => (
                "El nodo está en uso",
                "Mueva, o elimine y purgue, lo que queda en el nodo. Queda:",
            ),
            Self::NodeLost => (
                "El nodo está perdido",
                "Nadie sabe qué hace ahora el nodo de este espacio, así que no se decide nada que pueda duplicarlo. Espere a que vuelva, o retírelo como perdido. Nodo:",
            ),
            Self::NodeNotLost => (
                "El nodo no está perdido",
                "Hace poco que se supo de este nodo. Mueva, o elimine y purgue, lo que queda en él.",
            ),
            Self::NodeRemoved => (
                "El nodo se retiró",
                "Este nodo se retiró para siempre. Debe cerrar todos los espacios que aún tenga.",
            ),
            Self::OperationBegun => (
                "Ya empezó",
                "Un nodo ya empezó esta operación, o terminó. Solo se puede retirar lo que aún espera.",
            ),
            Self::NothingToDecide => (
                "Nada que decidir",
                "Ya terminó, la hace un nodo o sigue por sí sola.",
            ),
            Self::BackupRefused => (
                "La copia no sirve para esto",
                "No puede hacerse con esta copia de seguridad, o en este nodo:",
            ),
            Self::BackupWaits => (
                "Ya espera una copia",
                "Se está haciendo una copia de este espacio y otra espera a que termine, que guardará lo que haya entonces. Espere a esa.",
            ),
            Self::NoBackupStore => (
                "No hay almacén de copias",
                "No hay ningún almacén en el que se hagan copias de seguridad. Añada uno, o active uno de los que hay.",
            ),
            Self::BackupStoreInUse => (
                "Hay copias en el almacén",
                "Un almacén en el que hubo copias se queda, para que se conserve su historia. Deje de hacer copias en él.",
            ),
            Self::PlanNameTaken => (
                "El nombre está cogido",
                "name: ya hay un plan con ese nombre. Elija otro.",
            ),
            Self::ProductNameTaken => (
                "El nombre está cogido",
                "name: ya hay un producto con ese nombre. Elija otro.",
            ),
            Self::SoldInUse => (
                "Hay espacios que lo tienen",
                "No se puede quitar mientras haya espacios que lo tengan; ciérrelo a los nuevos. También cuentan los eliminados que pueden volver:",
            ),
            Self::RegistrationFull => (
                "Ahora no",
                "En este momento no se puede crear ningún espacio de trabajo. Inténtelo más tarde.",
            ),
            Self::NoUploads => (
                "Aquí no se sube nada",
                "Este servidor no tiene carpeta para subidas. Indique una en su configuración: uploads_dir en la sección server.",
            ),
            Self::UploadOffset => (
                "No es lo que hay",
                "Un trozo empieza donde acabó el anterior, y solo lo que está entero llega a ser un espacio. Bytes que hay:",
            ),
            Self::MoveRefused => (
                "Ahora no puede trasladarse",
                "El espacio no puede ir a otro nodo, o su traslado no puede confirmarse:",
            ),
            Self::DrainUnderWay => (
                "Ya se está vaciando",
                "El nodo ya se está vaciando. Siga ese vaciado, o cancélelo antes:",
            ),
            Self::NoDrain => ("Ningún vaciado", "El nodo no se está vaciando."),
            Self::TransferOver => ("La transferencia acabó", "Ya nadie espera este flujo."),
            Self::TransferAlone => (
                "El otro nodo no está",
                "El otro nodo de esta transferencia no está, o se cortó. Vuelva enseguida.",
            ),
            Self::PlanChanged => (
                "El plan ha cambiado",
                "Lo que hay que hacer ya es otra cosa. Mire el plan nuevo y pida ese.",
            ),
            Self::UpkeepUnderWay => (
                "Ya se cuidan bastantes",
                "En este nodo ya se cuidan, o esperan, tantas bases de datos como caben a la vez. Inténtelo cuando acabe una.",
            ),
            Self::TenantInUse => (
                "El espacio está en uso",
                "Se cerrarían sus tablas, una tras otra. Pause o suspenda antes el espacio, o envíe force.",
            ),
            Self::NodeSilent => (
                "El nodo no responde",
                "El nodo del espacio no respondió a tiempo. No se cambió nada; inténtelo en un momento. Nodo:",
            ),
            Self::NotLooked => (
                "No se pudo mirar",
                "El nodo del espacio no pudo mirar en la base de datos. No se cambió nada.",
            ),
            Self::BuildUnderWay => ("Ocupado", "Esta plantilla ya se está construyendo."),
            Self::TemplateAdopted => (
                "Copia de una base de datos",
                "Esta plantilla es copia de una base de datos y no se puede construir de cero. Adóptela otra vez o retírela.",
            ),
            Self::SupportNever => (
                "Sin acceso de soporte",
                "La organización del cliente no quiere accesos de soporte a sus espacios.",
            ),
            Self::SupportUnderWay => (
                "Ya hay uno",
                "Usted tiene un acceso de soporte a este espacio, o lo ha pedido. Úselo o termínelo antes.",
            ),
            Self::SupportState => (
                "No en este estado",
                "El acceso de soporte no está en un estado que lo permita, o su tiempo terminó. Está:",
            ),
            Self::OperationConflict | Self::OperationInvalid | Self::OperationFailed => (
                "La operación falló",
                "La operación falló y lo que había hecho se deshizo.",
            ),
            Self::Unavailable => (
                "No disponible",
                "La base de datos de control no responde. Nada ha cambiado; inténtelo en un momento.",
            ),
            Self::Internal => (
                "Un error interno",
                "Algo falló de nuestro lado. El registro dice más bajo este request_id.",
            ),
        }
    }
}
