//! Broken rules in the caller's language.

use crate::language::Language;
use domain::Rule;

/// What a broken rule asks for, as the end of a sentence that begins with the field's name.
pub(crate) fn text(rule: &Rule, language: Language) -> String {
    match language {
        // The domain's own words are English.
        Language::English => rule.to_string(),
        Language::Spanish => spanish(rule),
    }
}

/// The words for a type of value; those that are not known here stay as they are.
fn spanish_type(expected: &str) -> &str {
    match expected {
        "a text" => "un texto",
        "true or false" => "true o false",
        "a list" => "una lista",
        "a number" => "un número",
        "a JSON object" => "un objeto JSON",
        "another value" => "otro valor",
        "given once" => "dado una sola vez",
        other => other,
    }
}

fn spanish(rule: &Rule) -> String {
    match rule {
        Rule::Required => "es obligatorio".to_owned(),
        Rule::Length { min, max } => format!("debe tener de {min} a {max} caracteres"),
        Rule::Characters { allowed } => format!("solo puede contener {allowed}"),
        Rule::Ends => "debe empezar y terminar con una letra o una cifra".to_owned(),
        Rule::Reserved => "es una palabra reservada".to_owned(),
        Rule::Control => "no debe contener caracteres de control".to_owned(),
        Rule::Email => "debe ser una dirección de correo".to_owned(),
        Rule::CommonPassword => "es demasiado común".to_owned(),
        Rule::WrongPassword => "no es la contraseña actual".to_owned(),
        Rule::WrongCode => "no es un código que valga ahora; cada uno vale una vez".to_owned(),
        Rule::WrongAnswer => "no es una respuesta a este reto".to_owned(),
        Rule::OneWay => "es una forma de más: dé una sola".to_owned(),
        Rule::PasswordIsName => "no debe ser igual a la dirección o al nombre".to_owned(),
        Rule::OneOf { allowed } => format!("debe ser uno de: {allowed}"),
        Rule::Country => "debe ser un código de país de dos letras (ISO 3166-1)".to_owned(),
        Rule::TimeZone => "debe ser una zona horaria de la base IANA, como America/Santo_Domingo".to_owned(),
        Rule::UnknownField => "no es un campo de esta petición".to_owned(),
        Rule::Type { expected } => format!("debe ser {}", spanish_type(expected)),
        Rule::Identifier { prefix } => format!("no es un identificador de la forma {prefix}_…"),
        Rule::Confirmation => "debe repetir el nombre".to_owned(),
        Rule::Unknown => "no se conoce aquí".to_owned(),
        Rule::Range { min, max } => format!("debe estar entre {min} y {max}"),
        Rule::TooMany { most } => {
            format!("encuentra más de {most} espacios; acótelo por plan, nodo, estado, búsqueda o nombres")
        }
        Rule::Expiry => {
            "debe ser un día (2026-12-31), un momento (2026-12-31T18:00:00Z) o never (nunca)".to_owned()
        }
        Rule::Days => "debe ser un número de días como 30d, de 1d a 3650d".to_owned(),
        Rule::Cursor => "no es un cursor de esta lista".to_owned(),
        Rule::Origin => "debe ser un origen como https://panel.example.com".to_owned(),
        Rule::Issuer => {
            "debe ser la dirección de un proveedor: https://, sin consulta, en la red pública".to_owned()
        }
        Rule::Nothing => "necesita al menos un campo que cambiar".to_owned(),
        other => other.to_string(),
    }
}
