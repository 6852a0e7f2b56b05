//! `/api/sso/providers`: the identity providers.

use crate::App;
use crate::identity::Known;
use crate::input::{Body, Segment};
use crate::language::Language;
use crate::openapi::Problems;
use crate::problem::{Answer, explained};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ProviderId;
use wire::sso::{AddProvider, ChangeProvider, Provider, ProviderCheck, ProviderList};

/// Lists the identity providers.
#[utoipa::path(get, path = "/api/sso/providers", tag = "sso", responses((status = 200, body = ProviderList), Problems))]
pub(crate) async fn list(State(app): State<App>, Known(caller): Known) -> Answer<Json<ProviderList>> {
    let items = app.control.identity_providers(&caller).await?;
    Ok(Json(ProviderList { items }))
}

/// Adds an identity provider. Issuer, client and organization stay as they are then.
#[utoipa::path(post, path = "/api/sso/providers", tag = "sso", request_body = AddProvider,
    responses((status = 201, body = Provider), Problems))]
pub(crate) async fn add(
    State(app): State<App>,
    Known(caller): Known,
    Body(request): Body<AddProvider>,
) -> Answer<(StatusCode, Json<Provider>)> {
    let made = app.control.add_provider(&caller, &request).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Shows an identity provider.
#[utoipa::path(get, path = "/api/sso/providers/{provider}", tag = "sso", params(("provider" = String, Path)),
    responses((status = 200, body = Provider), Problems))]
pub(crate) async fn show(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<ProviderId>,
) -> Answer<Json<Provider>> {
    Ok(Json(app.control.identity_provider(&caller, id).await?))
}

/// Changes an identity provider. Disabling it ends every session that it opened.
#[utoipa::path(patch, path = "/api/sso/providers/{provider}", tag = "sso", params(("provider" = String, Path)),
    request_body = ChangeProvider, responses((status = 200, body = Provider), Problems))]
pub(crate) async fn change(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<ProviderId>,
    Body(request): Body<ChangeProvider>,
) -> Answer<Json<Provider>> {
    Ok(Json(app.control.change_provider(&caller, id, &request).await?))
}

/// Removes an identity provider, with who is who at it and every session that it opened.
#[utoipa::path(delete, path = "/api/sso/providers/{provider}", tag = "sso", params(("provider" = String, Path)),
    responses((status = 204, description = "Removed."), Problems))]
pub(crate) async fn remove(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<ProviderId>,
) -> Answer<StatusCode> {
    app.control.remove_provider(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks an identity provider for its description and its keys, and says what is wrong.
#[utoipa::path(post, path = "/api/sso/providers/{provider}/test", tag = "sso", params(("provider" = String, Path)),
    responses((status = 200, body = ProviderCheck), Problems))]
pub(crate) async fn test(
    State(app): State<App>,
    Known(caller): Known,
    Segment(id): Segment<ProviderId>,
) -> Answer<Json<ProviderCheck>> {
    let language = Language::current();
    Ok(Json(match app.control.try_provider(&caller, id).await? {
        Ok(seen) => ProviderCheck {
            ok: true,
            detail: language
                .pick(
                    "The provider answers, and its keys can be used. Its secret is shown with the first sign-in.",
                    "El proveedor responde y sus claves sirven. El secreto se usa con el primer acceso.",
                )
                .to_owned(),
            problem: None,
            algorithms: seen.algorithms,
            keys: seen.keys,
        },
        Err(fault) => ProviderCheck {
            ok: false,
            detail: explained(fault, language),
            problem: Some(fault.word().to_owned()),
            algorithms: Vec::new(),
            keys: 0,
        },
    }))
}
