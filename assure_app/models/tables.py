"""The same tables for SQLAlchemy Core, which the services speak: `invoice.c.number`."""

from sqlmodel import SQLModel

import assure_app.models  # noqa: F401  registers every table

_tables = SQLModel.metadata.tables

firm = _tables["firm"]
firm_user = _tables["firm_user"]
team = _tables["team"]
team_member = _tables["team_member"]
client = _tables["client"]
contact = _tables["contact"]
client_assignment = _tables["client_assignment"]
engagement = _tables["engagement"]
invoice = _tables["invoice"]
invoice_line = _tables["invoice_line"]
payment = _tables["payment"]
activity = _tables["activity"]
audit_entry = _tables["audit_entry"]
user_session = _tables["user_session"]
sign_in_attempt = _tables["sign_in_attempt"]
invoice_tally = _tables["invoice_tally"]
search_key = _tables["search_key"]
invitation = _tables["invitation"]
mail_message = _tables["mail_message"]
import_file = _tables["import_file"]
portal_session = _tables["portal_session"]
login_code = _tables["login_code"]
stripe_account = _tables["stripe_account"]
account_request = _tables["account_request"]
refund_request = _tables["refund_request"]
checkout = _tables["checkout"]
stripe_event = _tables["stripe_event"]
stripe_exception = _tables["stripe_exception"]
stripe_refund = _tables["stripe_refund"]
stripe_customer = _tables["stripe_customer"]
payment_method = _tables["payment_method"]
method_page = _tables["method_page"]
dispute = _tables["dispute"]
dispute_row = _tables["dispute_row"]
