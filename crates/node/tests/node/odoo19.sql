-- Odoo 19's own definitions of the tables that the node writes, and the rows that it looks for, taken from a real
-- database (pg_dump --schema-only; modules web, website, mail). Only what is needed is here.

CREATE TABLE public.ir_attachment (
    id serial PRIMARY KEY,
    name character varying NOT NULL,
    store_fname character varying,
    url character varying,
    res_model character varying,
    res_field character varying,
    res_id integer,
    public boolean,
    access_token character varying
);
INSERT INTO public.ir_attachment (name, store_fname, public) VALUES ('a picture', '1d/1d1e5c382d544d695a9e2b884cf7d1ce12d94384', true);
CREATE TABLE public.ir_config_parameter (
    id integer NOT NULL,
    create_uid integer,
    write_uid integer,
    key character varying NOT NULL,
    value text NOT NULL,
    create_date timestamp without time zone,
    write_date timestamp without time zone
);
CREATE SEQUENCE public.ir_config_parameter_id_seq;
ALTER SEQUENCE public.ir_config_parameter_id_seq OWNED BY public.ir_config_parameter.id;
CREATE TABLE public.ir_model_data (
    id integer NOT NULL,
    create_uid integer,
    create_date timestamp without time zone DEFAULT (now() AT TIME ZONE 'UTC'::text),
    write_date timestamp without time zone DEFAULT (now() AT TIME ZONE 'UTC'::text),
    write_uid integer,
    res_id integer,
    noupdate boolean DEFAULT false,
    name character varying NOT NULL,
    module character varying NOT NULL,
    model character varying NOT NULL,
    CONSTRAINT ir_model_data_name_nospaces CHECK (((name)::text !~~ '% %'::text))
);
CREATE SEQUENCE public.ir_model_data_id_seq;
ALTER SEQUENCE public.ir_model_data_id_seq OWNED BY public.ir_model_data.id;
CREATE TABLE public.ir_module_module (
    id integer NOT NULL,
    create_uid integer,
    create_date timestamp without time zone,
    write_date timestamp without time zone,
    write_uid integer,
    website character varying,
    summary jsonb,
    name character varying NOT NULL,
    author character varying,
    icon character varying,
    state character varying(16),
    latest_version character varying,
    shortdesc jsonb,
    category_id integer,
    description jsonb,
    application boolean DEFAULT false,
    demo boolean DEFAULT false,
    web boolean DEFAULT false,
    license character varying(32),
    sequence integer DEFAULT 100,
    auto_install boolean DEFAULT false,
    to_buy boolean DEFAULT false,
    maintainer character varying,
    published_version character varying,
    url character varying,
    contributors text,
    menus_by_module text,
    reports_by_module text,
    views_by_module text,
    module_type character varying,
    imported boolean
);
CREATE SEQUENCE public.ir_module_module_id_seq;
ALTER SEQUENCE public.ir_module_module_id_seq OWNED BY public.ir_module_module.id;
CREATE TABLE public.orm_signaling_default (
    id integer NOT NULL,
    date timestamp without time zone DEFAULT now()
);
CREATE SEQUENCE public.orm_signaling_default_id_seq;
ALTER SEQUENCE public.orm_signaling_default_id_seq OWNED BY public.orm_signaling_default.id;
CREATE TABLE public.orm_signaling_registry (
    id integer NOT NULL,
    date timestamp without time zone DEFAULT now()
);
CREATE SEQUENCE public.orm_signaling_registry_id_seq;
ALTER SEQUENCE public.orm_signaling_registry_id_seq OWNED BY public.orm_signaling_registry.id;
CREATE TABLE public.orm_signaling_stable (
    id integer NOT NULL,
    date timestamp without time zone DEFAULT now()
);
CREATE SEQUENCE public.orm_signaling_stable_id_seq;
ALTER SEQUENCE public.orm_signaling_stable_id_seq OWNED BY public.orm_signaling_stable.id;
CREATE TABLE public.res_company (
    id integer NOT NULL,
    name character varying NOT NULL,
    partner_id integer NOT NULL,
    currency_id integer NOT NULL,
    sequence integer,
    create_date timestamp without time zone,
    parent_path character varying,
    parent_id integer,
    paperformat_id integer,
    external_report_layout_id integer,
    create_uid integer,
    write_uid integer,
    email character varying,
    phone character varying,
    font character varying,
    primary_color character varying,
    secondary_color character varying,
    layout_background character varying NOT NULL,
    report_header jsonb,
    report_footer jsonb,
    company_details jsonb,
    active boolean,
    uses_default_logo boolean,
    write_date timestamp without time zone,
    logo_web bytea,
    social_twitter character varying,
    social_facebook character varying,
    social_github character varying,
    social_linkedin character varying,
    social_youtube character varying,
    social_instagram character varying,
    social_tiktok character varying,
    social_discord character varying,
    resource_calendar_id integer,
    alias_domain_id integer,
    email_primary_color character varying,
    email_secondary_color character varying,
    iap_enrich_auto_done boolean,
    snailmail_color boolean,
    snailmail_cover boolean,
    snailmail_duplex boolean,
    website_id integer
);
CREATE SEQUENCE public.res_company_id_seq;
ALTER SEQUENCE public.res_company_id_seq OWNED BY public.res_company.id;
CREATE TABLE public.res_country (
    id integer NOT NULL,
    address_view_id integer,
    currency_id integer,
    phone_code integer,
    create_uid integer,
    write_uid integer,
    code character varying(2) NOT NULL,
    name_position character varying,
    name jsonb NOT NULL,
    vat_label jsonb,
    address_format text,
    state_required boolean,
    zip_required boolean,
    create_date timestamp without time zone,
    write_date timestamp without time zone
);
CREATE SEQUENCE public.res_country_id_seq;
ALTER SEQUENCE public.res_country_id_seq OWNED BY public.res_country.id;
CREATE TABLE public.res_currency (
    id integer NOT NULL,
    name character varying NOT NULL,
    symbol character varying NOT NULL,
    iso_numeric integer,
    decimal_places integer,
    create_uid integer,
    write_uid integer,
    full_name character varying,
    "position" character varying,
    currency_unit_label jsonb,
    currency_subunit_label jsonb,
    rounding numeric,
    active boolean,
    create_date timestamp without time zone,
    write_date timestamp without time zone,
    CONSTRAINT res_currency_rounding_gt_zero CHECK ((rounding > (0)::numeric))
);
CREATE SEQUENCE public.res_currency_id_seq;
ALTER SEQUENCE public.res_currency_id_seq OWNED BY public.res_currency.id;
CREATE TABLE public.res_lang (
    id integer NOT NULL,
    create_uid integer,
    write_uid integer,
    name character varying NOT NULL,
    code character varying NOT NULL,
    iso_code character varying,
    url_code character varying NOT NULL,
    direction character varying NOT NULL,
    date_format character varying NOT NULL,
    time_format character varying NOT NULL,
    week_start character varying NOT NULL,
    "grouping" character varying NOT NULL,
    decimal_point character varying NOT NULL,
    thousands_sep character varying,
    active boolean,
    create_date timestamp without time zone,
    write_date timestamp without time zone
);
CREATE SEQUENCE public.res_lang_id_seq;
ALTER SEQUENCE public.res_lang_id_seq OWNED BY public.res_lang.id;
CREATE TABLE public.res_partner (
    id integer NOT NULL,
    company_id integer,
    create_date timestamp without time zone,
    name character varying,
    parent_id integer,
    user_id integer,
    state_id integer,
    country_id integer,
    industry_id integer,
    color integer,
    commercial_partner_id integer,
    create_uid integer,
    write_uid integer,
    complete_name character varying,
    ref character varying,
    lang character varying,
    tz character varying,
    vat character varying,
    company_registry character varying,
    website character varying,
    function character varying,
    type character varying,
    street character varying,
    street2 character varying,
    zip character varying,
    city character varying,
    email character varying,
    phone character varying,
    commercial_company_name character varying,
    company_name character varying,
    properties jsonb,
    barcode jsonb,
    comment text,
    partner_latitude numeric,
    partner_longitude numeric,
    active boolean,
    employee boolean,
    is_company boolean,
    partner_share boolean,
    write_date timestamp without time zone,
    message_bounce integer,
    email_normalized character varying,
    signup_type character varying,
    phone_sanitized character varying,
    website_id integer,
    is_published boolean,
    CONSTRAINT res_partner_check_name CHECK (((((type)::text = 'contact'::text) AND (name IS NOT NULL)) OR ((type)::text <> 'contact'::text)))
);
CREATE SEQUENCE public.res_partner_id_seq;
ALTER SEQUENCE public.res_partner_id_seq OWNED BY public.res_partner.id;
CREATE TABLE public.res_users (
    id integer NOT NULL,
    company_id integer NOT NULL,
    partner_id integer NOT NULL,
    active boolean DEFAULT true,
    create_date timestamp without time zone,
    login character varying NOT NULL,
    password character varying,
    action_id integer,
    create_uid integer,
    write_uid integer,
    signature text,
    share boolean,
    write_date timestamp without time zone,
    totp_last_counter integer,
    totp_secret character varying,
    tour_enabled boolean,
    notification_type character varying NOT NULL,
    manual_im_status character varying,
    out_of_office_message text,
    out_of_office_from timestamp without time zone,
    out_of_office_to timestamp without time zone,
    odoobot_state character varying,
    odoobot_failed boolean,
    website_id integer,
    CONSTRAINT res_users_notification_type CHECK ((((notification_type)::text = 'email'::text) OR (NOT share)))
);
CREATE SEQUENCE public.res_users_id_seq;
ALTER SEQUENCE public.res_users_id_seq OWNED BY public.res_users.id;
CREATE TABLE public.website (
    id integer NOT NULL,
    sequence integer,
    company_id integer NOT NULL,
    default_lang_id integer NOT NULL,
    user_id integer NOT NULL,
    theme_id integer,
    create_uid integer,
    write_uid integer,
    name character varying NOT NULL,
    domain character varying,
    social_twitter character varying,
    social_facebook character varying,
    social_github character varying,
    social_linkedin character varying,
    social_youtube character varying,
    social_instagram character varying,
    social_tiktok character varying,
    social_discord character varying,
    google_analytics_key character varying,
    google_search_console character varying,
    google_maps_api_key character varying,
    plausible_shared_key character varying,
    plausible_site character varying,
    cdn_url character varying,
    homepage_url character varying,
    auth_signup_uninvited character varying,
    custom_blocked_third_party_domains text,
    cdn_filters text,
    custom_code_head text,
    custom_code_footer text,
    robots_txt text,
    auto_redirect_lang boolean,
    cookies_bar boolean,
    configurator_done boolean,
    block_third_party_domains boolean,
    has_social_default_image boolean,
    cdn_activated boolean,
    specific_user_account boolean,
    create_date timestamp without time zone,
    write_date timestamp without time zone
);
CREATE SEQUENCE public.website_id_seq;
ALTER SEQUENCE public.website_id_seq OWNED BY public.website.id;
CREATE TABLE public.website_lang_rel (
    website_id integer NOT NULL,
    lang_id integer NOT NULL
);
ALTER TABLE ONLY public.ir_config_parameter ALTER COLUMN id SET DEFAULT nextval('public.ir_config_parameter_id_seq'::regclass);
ALTER TABLE ONLY public.ir_model_data ALTER COLUMN id SET DEFAULT nextval('public.ir_model_data_id_seq'::regclass);
ALTER TABLE ONLY public.ir_module_module ALTER COLUMN id SET DEFAULT nextval('public.ir_module_module_id_seq'::regclass);
ALTER TABLE ONLY public.orm_signaling_default ALTER COLUMN id SET DEFAULT nextval('public.orm_signaling_default_id_seq'::regclass);
ALTER TABLE ONLY public.orm_signaling_registry ALTER COLUMN id SET DEFAULT nextval('public.orm_signaling_registry_id_seq'::regclass);
ALTER TABLE ONLY public.orm_signaling_stable ALTER COLUMN id SET DEFAULT nextval('public.orm_signaling_stable_id_seq'::regclass);
ALTER TABLE ONLY public.res_company ALTER COLUMN id SET DEFAULT nextval('public.res_company_id_seq'::regclass);
ALTER TABLE ONLY public.res_country ALTER COLUMN id SET DEFAULT nextval('public.res_country_id_seq'::regclass);
ALTER TABLE ONLY public.res_currency ALTER COLUMN id SET DEFAULT nextval('public.res_currency_id_seq'::regclass);
ALTER TABLE ONLY public.res_lang ALTER COLUMN id SET DEFAULT nextval('public.res_lang_id_seq'::regclass);
ALTER TABLE ONLY public.res_partner ALTER COLUMN id SET DEFAULT nextval('public.res_partner_id_seq'::regclass);
ALTER TABLE ONLY public.res_users ALTER COLUMN id SET DEFAULT nextval('public.res_users_id_seq'::regclass);
ALTER TABLE ONLY public.website ALTER COLUMN id SET DEFAULT nextval('public.website_id_seq'::regclass);
INSERT INTO public.ir_config_parameter SELECT * FROM json_populate_recordset(NULL::public.ir_config_parameter, '[
 {"create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 1, "key": "database.secret", "value": "7b23c835-a375-4994-bc46-75ee960d4114", "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1},
 {"create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 2, "key": "database.uuid", "value": "c67ec960-e666-11f1-9ac9-02fc00000001", "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1},
 {"create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 3, "key": "database.create_date", "value": "2026-11-22 11:20:51", "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1},
 {"create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 4, "key": "web.base.url", "value": "http://localhost:8069", "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1}
]');
SELECT setval(pg_get_serial_sequence('public.ir_config_parameter', 'id'), max(id)) FROM public.ir_config_parameter;
INSERT INTO public.ir_model_data SELECT * FROM json_populate_recordset(NULL::public.ir_model_data, '[
 {"create_date": "2026-11-22T11:20:36.927496", "id": 2, "model": "res.company", "module": "base", "name": "main_company", "noupdate": true, "res_id": 1, "write_date": "2026-11-22T11:20:36.927496"},
 {"create_date": "2026-11-22T11:20:36.927496", "id": 3, "model": "res.partner", "module": "base", "name": "main_partner", "noupdate": true, "res_id": 1, "write_date": "2026-11-22T11:20:36.927496"},
 {"create_date": "2026-11-22T11:20:36.927496", "id": 4, "model": "res.users", "module": "base", "name": "user_root", "noupdate": true, "res_id": 1, "write_date": "2026-11-22T11:20:36.927496"},
 {"create_date": "2026-11-22T11:20:36.927496", "id": 3449, "model": "res.partner", "module": "base", "name": "partner_root", "noupdate": true, "res_id": 2, "write_date": "2026-11-22T11:20:36.927496"},
 {"create_date": "2026-11-22T11:20:36.927496", "id": 3450, "model": "res.partner", "module": "base", "name": "partner_admin", "noupdate": true, "res_id": 3, "write_date": "2026-11-22T11:20:36.927496"},
 {"create_date": "2026-11-22T11:20:36.927496", "id": 3645, "model": "res.users", "module": "base", "name": "user_admin", "noupdate": true, "res_id": 2, "write_date": "2026-11-22T11:20:36.927496"},
 {"create_date": "2026-11-22T11:20:36.927496", "id": 3647, "model": "res.users", "module": "base", "name": "public_user", "noupdate": true, "res_id": 3, "write_date": "2026-11-22T11:20:36.927496"},
 {"create_date": "2026-11-22T11:20:36.927496", "id": 3649, "model": "res.users", "module": "base", "name": "template_portal_user_id", "noupdate": true, "res_id": 4, "write_date": "2026-11-22T11:20:36.927496"},
 {"create_date": "2026-11-22T11:21:20.345521", "id": 23056, "model": "website", "module": "website", "name": "default_website", "noupdate": true, "res_id": 1, "write_date": "2026-11-22T11:21:20.345521"}
]');
SELECT setval(pg_get_serial_sequence('public.ir_model_data', 'id'), max(id)) FROM public.ir_model_data;
INSERT INTO public.ir_module_module SELECT * FROM json_populate_recordset(NULL::public.ir_module_module, '[
 {"application": false, "auto_install": true, "demo": false, "id": 34, "latest_version": "19.0.1.3", "license": "LGPL-3", "module_type": "official", "name": "base", "reports_by_module": "Model Overview\nTechnical guide", "sequence": 100, "state": "installed", "to_buy": false, "web": false, "write_date": "2026-11-22T11:20:51.679319", "write_uid": 1},
 {"application": true, "auto_install": false, "demo": false, "id": 335, "latest_version": "19.0.1.19", "license": "LGPL-3", "module_type": "official", "name": "mail", "reports_by_module": "", "sequence": 145, "state": "installed", "to_buy": false, "web": false, "write_date": "2026-11-22T11:21:00.868101", "write_uid": 1},
 {"application": false, "auto_install": true, "demo": false, "id": 575, "latest_version": "19.0.1.0", "license": "LGPL-3", "menus_by_module": "", "module_type": "official", "name": "web", "reports_by_module": "Preview External Report\nPreview Internal Report\nReport Layout Preview", "sequence": 100, "state": "installed", "to_buy": false, "web": false, "write_date": "2026-11-22T11:20:53.967866", "write_uid": 1},
 {"application": true, "auto_install": false, "demo": false, "id": 579, "latest_version": "19.0.1.0", "license": "LGPL-3", "module_type": "official", "name": "website", "reports_by_module": "", "sequence": 20, "state": "installed", "to_buy": false, "web": false, "write_date": "2026-11-22T11:21:20.345521", "write_uid": 1}
]');
SELECT setval(pg_get_serial_sequence('public.ir_module_module', 'id'), max(id)) FROM public.ir_module_module;
INSERT INTO public.orm_signaling_default SELECT * FROM json_populate_recordset(NULL::public.orm_signaling_default, '[
 {"date": "2026-11-22T11:20:36.727889", "id": 1}
]');
SELECT setval(pg_get_serial_sequence('public.orm_signaling_default', 'id'), max(id)) FROM public.orm_signaling_default;
INSERT INTO public.orm_signaling_registry SELECT * FROM json_populate_recordset(NULL::public.orm_signaling_registry, '[
 {"date": "2026-11-22T11:20:36.727889", "id": 1},
 {"date": "2026-11-22T11:21:39.807162", "id": 2}
]');
SELECT setval(pg_get_serial_sequence('public.orm_signaling_registry', 'id'), max(id)) FROM public.orm_signaling_registry;
INSERT INTO public.orm_signaling_stable SELECT * FROM json_populate_recordset(NULL::public.orm_signaling_stable, '[
 {"date": "2026-11-22T11:20:36.727889", "id": 1}
]');
SELECT setval(pg_get_serial_sequence('public.orm_signaling_stable', 'id'), max(id)) FROM public.orm_signaling_stable;
INSERT INTO public.res_company SELECT * FROM json_populate_recordset(NULL::public.res_company, '[
 {"active": true, "create_date": "2026-11-22T11:20:36.927496", "currency_id": 1, "email_primary_color": "#FFFFFF", "email_secondary_color": "#875A7B", "font": "Lato", "id": 1, "layout_background": "Blank", "name": "My Company", "parent_path": "1/", "partner_id": 1, "phone": "", "snailmail_color": true, "uses_default_logo": true, "website_id": 1, "write_date": "2026-11-22T11:21:20.345521", "write_uid": 1}
]');
SELECT setval(pg_get_serial_sequence('public.res_company', 'id'), max(id)) FROM public.res_company;
INSERT INTO public.res_country SELECT * FROM json_populate_recordset(NULL::public.res_country, '[
 {"address_format": "%(street)s\n%(street2)s\n%(city)s %(state_name)s %(zip)s\n%(country_name)s", "code": "DO", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "currency_id": 74, "id": 61, "name": {"en_US": "Dominican Republic", "es_ES": "República Dominicana"}, "name_position": "before", "phone_code": 1849, "state_required": false, "vat_label": {"en_US": "RNC", "es_ES": "RNC"}, "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1, "zip_required": true},
 {"address_format": "%(street)s\n%(street2)s\n%(zip)s %(city)s\n%(state_name)s\n%(country_name)s", "code": "ES", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "currency_id": 126, "id": 68, "name": {"en_US": "Spain", "es_ES": "España"}, "name_position": "before", "phone_code": 34, "state_required": false, "vat_label": {"en_US": "VAT", "es_ES": "NIF"}, "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1, "zip_required": true},
 {"address_format": "%(street)s\n%(street2)s\n%(city)s %(state_code)s %(zip)s\n%(country_name)s", "code": "US", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "currency_id": 1, "id": 233, "name": {"en_US": "United States", "es_ES": "Estados Unidos"}, "name_position": "before", "phone_code": 1, "state_required": true, "vat_label": {"en_US": ""}, "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1, "zip_required": true}
]');
SELECT setval(pg_get_serial_sequence('public.res_country', 'id'), max(id)) FROM public.res_country;
INSERT INTO public.res_currency SELECT * FROM json_populate_recordset(NULL::public.res_currency, '[
 {"active": true, "currency_subunit_label": {"en_US": "Cents", "es_ES": "Céntimos"}, "currency_unit_label": {"en_US": "Dollars", "es_ES": "Dólares"}, "decimal_places": 2, "full_name": "United States dollar", "id": 1, "iso_numeric": 840, "name": "USD", "position": "before", "rounding": 0.01, "symbol": "$", "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1},
 {"active": false, "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "currency_subunit_label": {"en_US": "Centavos", "es_ES": "Centavos"}, "currency_unit_label": {"en_US": "Pesos", "es_ES": "Pesos"}, "decimal_places": 2, "full_name": "Dominican peso", "id": 74, "iso_numeric": 214, "name": "DOP", "position": "before", "rounding": 0.01, "symbol": "RD$", "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1},
 {"active": false, "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "currency_subunit_label": {"en_US": "Cents", "es_ES": "Céntimos"}, "currency_unit_label": {"en_US": "Euros", "es_ES": "Euros"}, "decimal_places": 2, "full_name": "Euro", "id": 126, "iso_numeric": 978, "name": "EUR", "position": "after", "rounding": 0.01, "symbol": "€", "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1}
]');
SELECT setval(pg_get_serial_sequence('public.res_currency', 'id'), max(id)) FROM public.res_currency;
INSERT INTO public.res_lang SELECT * FROM json_populate_recordset(NULL::public.res_lang, '[
 {"active": true, "code": "en_US", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "date_format": "%m/%d/%Y", "decimal_point": ".", "direction": "ltr", "grouping": "[3,0]", "id": 1, "iso_code": "en", "name": "English (US)", "thousands_sep": ",", "time_format": "%I:%M:%S %p", "url_code": "en", "week_start": "7", "write_date": "2026-11-22T11:20:51.679319", "write_uid": 1},
 {"code": "fr_FR", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "date_format": "%d/%m/%Y", "decimal_point": ",", "direction": "ltr", "grouping": "[3,0]", "id": 30, "iso_code": "fr", "name": "French / Français", "thousands_sep": " ", "time_format": "%H:%M:%S", "url_code": "fr", "week_start": "1", "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1},
 {"code": "es_DO", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "date_format": "%d/%m/%Y", "decimal_point": ".", "direction": "ltr", "grouping": "[3,0]", "id": 74, "iso_code": "es_DO", "name": "Spanish (DO) / Español (DO)", "thousands_sep": ",", "time_format": "%I:%M:%S %p", "url_code": "es_DO", "week_start": "1", "write_date": "2026-11-22T11:20:36.927496", "write_uid": 1},
 {"active": true, "code": "es_ES", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "date_format": "%d/%m/%Y", "decimal_point": ",", "direction": "ltr", "grouping": "[3,0]", "id": 83, "iso_code": "es", "name": "Spanish / Español", "thousands_sep": ".", "time_format": "%H:%M:%S", "url_code": "es", "week_start": "1", "write_date": "2026-11-22T11:20:51.679319", "write_uid": 1}
]');
SELECT setval(pg_get_serial_sequence('public.res_lang', 'id'), max(id)) FROM public.res_lang;
INSERT INTO public.res_partner SELECT * FROM json_populate_recordset(NULL::public.res_partner, '[
 {"active": true, "city": "", "color": 0, "commercial_company_name": "My Company", "commercial_partner_id": 1, "complete_name": "My Company", "create_date": "2026-11-22T11:20:36.927496", "id": 1, "is_company": true, "lang": "es_ES", "message_bounce": 0, "name": "My Company", "partner_share": true, "phone": "", "street": "", "type": "contact", "write_date": "2026-11-22T11:21:11.52745", "write_uid": 1, "zip": ""},
 {"active": false, "color": 0, "commercial_partner_id": 2, "company_id": 1, "complete_name": "OdooBot", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "email": "odoobot@example.com", "email_normalized": "odoobot@example.com", "id": 2, "is_company": false, "lang": "es_ES", "message_bounce": 0, "name": "OdooBot", "partner_share": false, "type": "contact", "write_date": "2026-11-22T11:21:20.345521", "write_uid": 1},
 {"active": true, "color": 0, "commercial_partner_id": 3, "company_id": 1, "complete_name": "Administrator", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 3, "is_company": false, "lang": "es_ES", "message_bounce": 0, "name": "Administrator", "partner_share": false, "type": "contact", "write_date": "2026-11-22T11:21:20.345521", "write_uid": 1},
 {"active": false, "color": 0, "commercial_partner_id": 4, "complete_name": "Public user", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 4, "is_company": false, "lang": "es_ES", "message_bounce": 0, "name": "Public user", "partner_share": true, "type": "contact", "write_date": "2026-11-22T11:21:20.345521", "write_uid": 1},
 {"active": false, "color": 0, "commercial_partner_id": 5, "complete_name": "Portal User Template", "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 5, "is_company": false, "lang": "es_ES", "message_bounce": 0, "name": "Portal User Template", "partner_share": true, "type": "contact", "write_date": "2026-11-22T11:21:20.345521", "write_uid": 1}
]');
SELECT setval(pg_get_serial_sequence('public.res_partner', 'id'), max(id)) FROM public.res_partner;
INSERT INTO public.res_users SELECT * FROM json_populate_recordset(NULL::public.res_users, '[
 {"active": false, "company_id": 1, "create_date": "2026-11-22T11:20:36.927496", "id": 1, "login": "__system__", "notification_type": "inbox", "odoobot_state": "disabled", "partner_id": 2, "share": false, "signature": "<div>System</div>", "tour_enabled": true, "write_date": "2026-11-22T11:21:10.949145", "write_uid": 1},
 {"active": true, "company_id": 1, "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 2, "login": "admin", "notification_type": "email", "partner_id": 3, "password": "$pbkdf2-sha512$600000$cW7NGeOc8z5njHGOsdYaYw$5gXIey8PpWlHqMErzQqkRc4IA5iEXrSDZYgdHveRH9tgTaxkLj1h1mNeDNoW.m6ijFNkOzR2DA0enrTMoJR.Tw", "share": false, "signature": "<div>Administrator</div>", "tour_enabled": true, "write_date": "2026-11-22T11:20:58.738132", "write_uid": 1},
 {"active": false, "company_id": 1, "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 3, "login": "public", "notification_type": "email", "partner_id": 4, "password": "$pbkdf2-sha512$600000$MWaMsTYmZKx1zlkrhZDS2g$H5rWTzoWcDuh2K1RZyV8rsMUPOC9SDmxrqU2UoO5G1SnzF/oe9FFTpkmL6x1yQAHCS4MqcK3UtuL6/v61ejacQ", "share": true, "signature": "<div>Public user</div>", "tour_enabled": false, "write_date": "2026-11-22T11:20:58.738132", "write_uid": 1},
 {"active": false, "company_id": 1, "create_date": "2026-11-22T11:20:36.927496", "create_uid": 1, "id": 4, "login": "portaltemplate", "notification_type": "email", "partner_id": 5, "share": true, "signature": "", "tour_enabled": false, "write_date": "2026-11-22T11:20:58.738132", "write_uid": 1}
]');
SELECT setval(pg_get_serial_sequence('public.res_users', 'id'), max(id)) FROM public.res_users;
INSERT INTO public.website SELECT * FROM json_populate_recordset(NULL::public.website, '[
 {"auth_signup_uninvited": "b2b", "auto_redirect_lang": true, "block_third_party_domains": true, "cdn_filters": "^/[^/]+/static/\n^/web/(css|js)/\n^/web/image\n^/web/content\n^/web/assets\n^/website/image/", "cdn_url": "", "company_id": 1, "create_date": "2026-11-22T11:21:20.345521", "create_uid": 1, "default_lang_id": 83, "has_social_default_image": false, "id": 1, "name": "My Website", "sequence": 10, "user_id": 3, "write_date": "2026-11-22T11:21:20.345521", "write_uid": 1}
]');
SELECT setval(pg_get_serial_sequence('public.website', 'id'), max(id)) FROM public.website;
INSERT INTO public.website_lang_rel SELECT * FROM json_populate_recordset(NULL::public.website_lang_rel, '[
 {"lang_id": 1, "website_id": 1},
 {"lang_id": 83, "website_id": 1}
]');
ALTER TABLE ONLY public.ir_config_parameter
    ADD CONSTRAINT ir_config_parameter_key_uniq UNIQUE (key);
ALTER TABLE ONLY public.ir_config_parameter
    ADD CONSTRAINT ir_config_parameter_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ir_model_data
    ADD CONSTRAINT ir_model_data_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ir_module_module
    ADD CONSTRAINT ir_module_module_name_uniq UNIQUE (name);
ALTER TABLE ONLY public.ir_module_module
    ADD CONSTRAINT ir_module_module_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.orm_signaling_default
    ADD CONSTRAINT orm_signaling_default_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.orm_signaling_registry
    ADD CONSTRAINT orm_signaling_registry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.orm_signaling_stable
    ADD CONSTRAINT orm_signaling_stable_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.res_company
    ADD CONSTRAINT res_company_name_uniq UNIQUE (name);
ALTER TABLE ONLY public.res_company
    ADD CONSTRAINT res_company_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.res_country
    ADD CONSTRAINT res_country_code_uniq UNIQUE (code);
ALTER TABLE ONLY public.res_country
    ADD CONSTRAINT res_country_name_uniq UNIQUE (name);
ALTER TABLE ONLY public.res_country
    ADD CONSTRAINT res_country_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.res_currency
    ADD CONSTRAINT res_currency_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.res_currency
    ADD CONSTRAINT res_currency_unique_name UNIQUE (name);
ALTER TABLE ONLY public.res_lang
    ADD CONSTRAINT res_lang_code_uniq UNIQUE (code);
ALTER TABLE ONLY public.res_lang
    ADD CONSTRAINT res_lang_name_uniq UNIQUE (name);
ALTER TABLE ONLY public.res_lang
    ADD CONSTRAINT res_lang_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.res_lang
    ADD CONSTRAINT res_lang_url_code_uniq UNIQUE (url_code);
ALTER TABLE ONLY public.res_partner
    ADD CONSTRAINT res_partner_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.res_users
    ADD CONSTRAINT res_users_login_key UNIQUE (login, website_id);
ALTER TABLE ONLY public.res_users
    ADD CONSTRAINT res_users_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.website
    ADD CONSTRAINT website_domain_unique UNIQUE (domain);
ALTER TABLE ONLY public.website_lang_rel
    ADD CONSTRAINT website_lang_rel_pkey PRIMARY KEY (website_id, lang_id);
ALTER TABLE ONLY public.website
    ADD CONSTRAINT website_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX ir_model_data_module_name_uniq_index ON public.ir_model_data USING btree (module, name);
ALTER TABLE ONLY public.ir_config_parameter
    ADD CONSTRAINT ir_config_parameter_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.ir_config_parameter
    ADD CONSTRAINT ir_config_parameter_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.ir_model_data
    ADD CONSTRAINT ir_model_data_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.ir_model_data
    ADD CONSTRAINT ir_model_data_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.ir_module_module
    ADD CONSTRAINT ir_module_module_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.ir_module_module
    ADD CONSTRAINT ir_module_module_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_company
    ADD CONSTRAINT res_company_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_company
    ADD CONSTRAINT res_company_currency_id_fkey FOREIGN KEY (currency_id) REFERENCES public.res_currency(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.res_company
    ADD CONSTRAINT res_company_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.res_company(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.res_company
    ADD CONSTRAINT res_company_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES public.res_partner(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.res_company
    ADD CONSTRAINT res_company_website_id_fkey FOREIGN KEY (website_id) REFERENCES public.website(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_company
    ADD CONSTRAINT res_company_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_country
    ADD CONSTRAINT res_country_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_country
    ADD CONSTRAINT res_country_currency_id_fkey FOREIGN KEY (currency_id) REFERENCES public.res_currency(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_country
    ADD CONSTRAINT res_country_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_currency
    ADD CONSTRAINT res_currency_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_currency
    ADD CONSTRAINT res_currency_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_lang
    ADD CONSTRAINT res_lang_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_lang
    ADD CONSTRAINT res_lang_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_partner
    ADD CONSTRAINT res_partner_commercial_partner_id_fkey FOREIGN KEY (commercial_partner_id) REFERENCES public.res_partner(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_partner
    ADD CONSTRAINT res_partner_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.res_company(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_partner
    ADD CONSTRAINT res_partner_country_id_fkey FOREIGN KEY (country_id) REFERENCES public.res_country(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.res_partner
    ADD CONSTRAINT res_partner_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_partner
    ADD CONSTRAINT res_partner_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.res_partner(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_partner
    ADD CONSTRAINT res_partner_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_partner
    ADD CONSTRAINT res_partner_website_id_fkey FOREIGN KEY (website_id) REFERENCES public.website(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.res_partner
    ADD CONSTRAINT res_partner_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_users
    ADD CONSTRAINT res_users_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.res_company(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.res_users
    ADD CONSTRAINT res_users_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_users
    ADD CONSTRAINT res_users_partner_id_fkey FOREIGN KEY (partner_id) REFERENCES public.res_partner(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.res_users
    ADD CONSTRAINT res_users_website_id_fkey FOREIGN KEY (website_id) REFERENCES public.website(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.res_users
    ADD CONSTRAINT res_users_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.website
    ADD CONSTRAINT website_company_id_fkey FOREIGN KEY (company_id) REFERENCES public.res_company(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.website
    ADD CONSTRAINT website_create_uid_fkey FOREIGN KEY (create_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.website
    ADD CONSTRAINT website_default_lang_id_fkey FOREIGN KEY (default_lang_id) REFERENCES public.res_lang(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.website_lang_rel
    ADD CONSTRAINT website_lang_rel_lang_id_fkey FOREIGN KEY (lang_id) REFERENCES public.res_lang(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.website_lang_rel
    ADD CONSTRAINT website_lang_rel_website_id_fkey FOREIGN KEY (website_id) REFERENCES public.website(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.website
    ADD CONSTRAINT website_theme_id_fkey FOREIGN KEY (theme_id) REFERENCES public.ir_module_module(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.website
    ADD CONSTRAINT website_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.res_users(id) ON DELETE RESTRICT;
ALTER TABLE ONLY public.website
    ADD CONSTRAINT website_write_uid_fkey FOREIGN KEY (write_uid) REFERENCES public.res_users(id) ON DELETE SET NULL;
