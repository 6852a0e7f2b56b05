//! Why a sign-in with an identity provider was refused, in the words of whoever it happens to.

use super::{Failure, Kind};
use crate::language::Language;
use control::{ProviderFault, SignOnRefusal};

/// The problem of a refusal.
pub(super) fn failure(refusal: SignOnRefusal) -> Failure {
    let words = words(refusal, Language::current());
    Failure::of(kind(refusal)).in_words(words)
}

const fn kind(refusal: SignOnRefusal) -> Kind {
    match refusal {
        SignOnRefusal::Provider(fault) if !fault.is_forgery() => Kind::ProviderFailed,
        SignOnRefusal::State
        | SignOnRefusal::Replayed
        | SignOnRefusal::Browser
        | SignOnRefusal::Mixed
        | SignOnRefusal::Denied
        | SignOnRefusal::Provider(_) => Kind::SignOn,
        SignOnRefusal::Unverified
        | SignOnRefusal::Domain
        | SignOnRefusal::Unknown
        | SignOnRefusal::Confirm
        | SignOnRefusal::Taken
        | SignOnRefusal::Outside
        | SignOnRefusal::Disabled
        | SignOnRefusal::Session => Kind::SignOnForbidden,
    }
}

fn words(refusal: SignOnRefusal, language: Language) -> String {
    let (english, spanish) = match refusal {
        SignOnRefusal::Provider(fault) if fault.is_forgery() => (
            "What the provider sent does not prove who you are. Begin again; if it stays so, tell whoever runs the provider.",
            "Lo que envió el proveedor no prueba quién es usted. Empiece de nuevo; si sigue así, avise a quien lleva el proveedor.",
        ),
        SignOnRefusal::Provider(_) => (
            "The provider does not work as it has to. Nothing was changed; try again shortly.",
            "El proveedor no funciona como debe. Nada ha cambiado; inténtelo en un momento.",
        ),
        SignOnRefusal::State => (
            "This sign-in is over, or nobody began it here. Begin again.",
            "Este acceso caducó o nadie lo empezó aquí. Empiece de nuevo.",
        ),
        SignOnRefusal::Replayed => (
            "This sign-in was finished before. Begin again.",
            "Este acceso ya se terminó antes. Empiece de nuevo.",
        ),
        SignOnRefusal::Browser => (
            "Another browser began this sign-in. Begin again in this one.",
            "Otro navegador empezó este acceso. Empiece de nuevo en este.",
        ),
        SignOnRefusal::Mixed => (
            "The answer is not this provider's. Begin again.",
            "La respuesta no es de este proveedor. Empiece de nuevo.",
        ),
        SignOnRefusal::Denied => (
            "The provider did not let you in, or you broke it off.",
            "El proveedor no le dejó entrar, o usted lo interrumpió.",
        ),
        SignOnRefusal::Unverified => (
            "The provider does not vouch for your e-mail address.",
            "El proveedor no da fe de su dirección de correo.",
        ),
        SignOnRefusal::Domain => (
            "The provider may not speak for addresses of your domain.",
            "El proveedor no puede responder por direcciones de su dominio.",
        ),
        SignOnRefusal::Unknown => (
            "Nobody here has your address. Ask for an invitation.",
            "Aquí nadie tiene su dirección. Pida una invitación.",
        ),
        SignOnRefusal::Confirm => (
            "There is an account with your address. Sign in to it first, and add the provider there.",
            "Hay una cuenta con su dirección. Entre primero en ella y añada allí el proveedor.",
        ),
        SignOnRefusal::Taken => (
            "This account belongs together with another identity at the provider, or the identity with another account.",
            "Esta cuenta ya va con otra identidad del proveedor, o la identidad con otra cuenta.",
        ),
        SignOnRefusal::Outside => (
            "Your account does not belong where this provider speaks for people.",
            "Su cuenta no pertenece a donde este proveedor responde por las personas.",
        ),
        SignOnRefusal::Disabled => ("Your account is shut out.", "Su cuenta está bloqueada."),
        SignOnRefusal::Session => (
            "Sign in anew to do this, and not with an organization's provider.",
            "Vuelva a entrar para hacer esto, y no con el proveedor de una organización.",
        ),
    };
    language.pick(english, spanish).to_owned()
}

/// What is wrong with a provider, for whoever set it up.
pub(crate) fn explained(fault: ProviderFault, language: Language) -> String {
    // The room of providers speaks English.
    let spanish = match (language, fault) {
        (Language::English, fault) => return format!("{fault}."),
        (_, ProviderFault::Address(_)) => "una de sus direcciones no empieza por https://",
        (_, ProviderFault::Private) => "la dirección lleva a una red que no es pública",
        (_, ProviderFault::Unreachable) => "allí no responde nadie, o no con un certificado de confianza",
        (_, ProviderFault::Slow) => "la respuesta no llegó a tiempo",
        (_, ProviderFault::Redirected) => "responde con una redirección, que no se sigue",
        (_, ProviderFault::Status(status)) => return format!("responde con el estado {status}."),
        (_, ProviderFault::TooLarge) => "la respuesta es demasiado grande",
        (_, ProviderFault::NotJson) => "la respuesta no es el JSON que tiene que ser",
        (_, ProviderFault::Issuer) => "se llama a sí mismo con otro emisor (issuer)",
        (_, ProviderFault::Missing(what)) => return format!("su descripción no nombra: {what}."),
        (_, ProviderFault::NoCode) => "no ofrece el flujo con código de autorización",
        (_, ProviderFault::NoPkce) => "no ofrece PKCE con S256",
        (_, ProviderFault::NoAlgorithm) => "no firma con ningún algoritmo que se acepte aquí",
        (_, ProviderFault::NoKeys) => "no publica ninguna clave que sirva",
        (_, ProviderFault::Client) => "no acepta el identificador de cliente con este secreto",
        (_, ProviderFault::Code) => "no acepta el código",
        (_, ProviderFault::Exchange) => "se niega a canjear el código",
        (_, ProviderFault::Token(_)) => "su código firmado no vale",
    };
    format!("{spanish}.")
}
