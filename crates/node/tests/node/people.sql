-- A database of Odoo 19 that people have worked with: tables as Odoo and its modules mail, sale, payment make them,
-- as far as their columns and foreign keys matter, and rows in them.

-- A copy of such a database has them, empty.
DROP TABLE IF EXISTS ir_model, res_users_apikeys, mail_message, mail_followers, ir_mail_server, mail_alias_domain, mail_alias, ir_cron, utm_campaign,
    mail_template, mail_wizard, payment_provider, product_template, club_card, club_visit, club_card_product_rel, res_company_users_rel CASCADE;
CREATE TABLE ir_model (id serial PRIMARY KEY, model varchar NOT NULL, transient boolean);
CREATE TABLE res_users_apikeys (
    id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES res_users ON DELETE CASCADE, name varchar, key varchar);
CREATE TABLE mail_message (
    id serial PRIMARY KEY, author_id integer REFERENCES res_partner ON DELETE SET NULL, email_from varchar, body text,
    parent_id integer REFERENCES mail_message ON DELETE SET NULL, create_uid integer REFERENCES res_users ON DELETE SET NULL);
CREATE TABLE mail_followers (
    id serial PRIMARY KEY, partner_id integer NOT NULL REFERENCES res_partner ON DELETE CASCADE, res_model varchar, res_id integer);
CREATE TABLE ir_mail_server (id serial PRIMARY KEY, name varchar NOT NULL, smtp_user varchar, smtp_pass varchar);
CREATE TABLE mail_alias_domain (id serial PRIMARY KEY, name varchar NOT NULL);
CREATE TABLE mail_alias (
    id serial PRIMARY KEY, alias_name varchar, alias_domain_id integer REFERENCES mail_alias_domain ON DELETE RESTRICT);
CREATE TABLE ir_cron (
    id serial PRIMARY KEY, cron_name varchar, user_id integer NOT NULL REFERENCES res_users ON DELETE RESTRICT);
CREATE TABLE utm_campaign (
    id serial PRIMARY KEY, name varchar, user_id integer NOT NULL REFERENCES res_users ON DELETE RESTRICT);
CREATE TABLE mail_template (id serial PRIMARY KEY, name varchar, email_from varchar, email_to varchar);
CREATE TABLE mail_wizard (id serial PRIMARY KEY, email varchar);
CREATE TABLE payment_provider (
    id serial PRIMARY KEY, name varchar, state varchar NOT NULL, is_published boolean, stripe_secret_key varchar);
CREATE TABLE product_template (
    id serial PRIMARY KEY, name varchar, create_uid integer REFERENCES res_users ON DELETE SET NULL);
-- A module of nobody's lists: its rows cannot be without their partner, and refer to each other in a circle.
CREATE TABLE club_card (
    id serial PRIMARY KEY, partner_id integer NOT NULL REFERENCES res_partner ON DELETE RESTRICT, first_visit_id integer);
CREATE TABLE club_visit (
    id serial PRIMARY KEY, card_id integer NOT NULL REFERENCES club_card ON DELETE RESTRICT,
    next_id integer REFERENCES club_visit ON DELETE RESTRICT);
CREATE TABLE club_card_product_rel (
    card_id integer NOT NULL REFERENCES club_card ON DELETE RESTRICT,
    product_id integer NOT NULL REFERENCES product_template ON DELETE CASCADE);
CREATE TABLE res_company_users_rel (cid integer NOT NULL, user_id integer NOT NULL, PRIMARY KEY (cid, user_id));

INSERT INTO res_partner (id, name, email, email_normalized, phone, type, active, parent_id, commercial_partner_id) VALUES
    (100, 'Customer Ltd', 'buyer@customer.example', 'buyer@customer.example', '+1 555 0100', 'contact', true, NULL, 100),
    (101, 'Bea Buyer', 'bea@customer.example', 'bea@customer.example', NULL, 'contact', true, 100, 100),
    (102, 'Sam Seller', 'sam@seller.example', 'sam@seller.example', NULL, 'contact', true, 1, 1),
    (103, 'Old Olga', 'olga@seller.example', 'olga@seller.example', NULL, 'contact', false, NULL, 103);
INSERT INTO res_users (id, login, partner_id, company_id, active, share, notification_type, password) VALUES
    (50, 'sam@seller.example', 102, 1, true, false, 'email', 'a hash'),
    (51, 'olga@seller.example', 103, 1, false, false, 'email', 'a hash');
UPDATE res_users SET login = 'boss@seller.example', password = 'a hash', totp_secret = 'JBSWY3DP', signature = 'The boss' WHERE id = 2;
UPDATE res_partner SET name = 'The Boss', complete_name = 'The Boss', email = 'boss@seller.example', phone = '+1 555 0199',
    parent_id = 100, commercial_partner_id = 100 WHERE id = 3;
UPDATE res_company SET name = 'Seller Inc', email = 'info@seller.example', phone = '+1 555 0111', logo_web = 'logo', email_primary_color = '#000000';
UPDATE res_partner SET name = 'Seller Inc', email = 'info@seller.example', vat = 'US1', street = 'Main Street 1', city = 'Town' WHERE id = 1;
UPDATE website SET domain = 'https://seller.example', google_analytics_key = 'UA-1', user_id = 50;
INSERT INTO res_users_apikeys (user_id, name, key) VALUES (50, 'script', 'pbkdf2'), (2, 'mine', 'pbkdf2');
INSERT INTO mail_message (author_id, email_from, body, create_uid) SELECT 100 + n % 4, 'a@b.example', 'Dear Bea', 50 FROM generate_series(1, 1204) n;
UPDATE mail_message SET parent_id = 1 WHERE id > 1;
INSERT INTO mail_followers (partner_id, res_model, res_id) VALUES (100, 'res.partner', 100), (3, 'res.partner', 100);
INSERT INTO ir_mail_server (name, smtp_user, smtp_pass) VALUES ('out', 'sam', 'hunter2');
INSERT INTO mail_alias_domain (name) VALUES ('seller.example');
INSERT INTO mail_alias (alias_name, alias_domain_id) VALUES ('info', 1);
INSERT INTO ir_cron (cron_name, user_id) VALUES ('nightly', 50), ('theirs', 1);
INSERT INTO utm_campaign (id, name, user_id) VALUES (1, 'Newsletter', 50), (2, 'Sam''s own', 50);
INSERT INTO ir_model_data (module, name, model, res_id) VALUES
    ('web', 'utm_newsletter', 'utm.campaign', 1), ('__export__', 'res_partner_100_ab', 'res.partner', 100)
    ON CONFLICT DO NOTHING;
INSERT INTO mail_template (name, email_from, email_to) VALUES ('Quotation', '{{ object.user_id.email_formatted }}', 'sam@seller.example');
INSERT INTO ir_model (model, transient) VALUES ('mail.wizard', true), ('res.partner', false);
INSERT INTO mail_wizard (email) VALUES ('bea@customer.example');
INSERT INTO payment_provider (name, state, is_published, stripe_secret_key) VALUES ('Stripe', 'enabled', true, 'sk_live_1');
INSERT INTO product_template (name, create_uid) VALUES ('A chair', 50);
INSERT INTO club_card (partner_id) VALUES (101), (1);
INSERT INTO club_visit (card_id) VALUES (1), (1), (1);
UPDATE club_visit SET next_id = id % 3 + 1;
UPDATE club_card SET first_visit_id = 1 WHERE id = 1;
ALTER TABLE club_card ADD FOREIGN KEY (first_visit_id) REFERENCES club_visit ON DELETE RESTRICT;
INSERT INTO club_card_product_rel VALUES (1, 1), (2, 1);
INSERT INTO ir_attachment (name, store_fname, res_model, res_id, public, url) VALUES
    ('a contract', 'cd/cdef01', 'res.partner', 100, false, NULL),
    ('the boss', 'cd/cdef02', 'res.partner', 3, false, NULL),
    ('a letter', 'cd/cdef03', 'mail.compose.message', 0, false, NULL),
    ('a chair', 'cd/cdef04', 'product.template', 1, false, NULL),
    ('a bundle', 'cd/cdef05', 'ir.ui.view', 0, true, '/web/assets/1/ab/x.js'),
    ('forgotten', 'cd/cdef06', 'res.partner', 99999, false, NULL);
INSERT INTO ir_config_parameter (key, value) VALUES
    ('auth_signup.reset_password', 'True'), ('unsplash.access_key', 'u5'), ('mail.default.from', 'info@seller.example'),
    ('sale.default_days', '30'), ('tenant.suspended', 'true'), ('database.enterprise_code', 'M123')
    ON CONFLICT DO NOTHING;
