"""Files brought in to be imported, kept from the upload to the confirmation."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from assure_app.models.columns import UtcDateTime


class ImportFile(SQLModel, table=True):
    """A CSV file as it came; nothing of it is an invoice before someone confirms it."""

    __tablename__ = "import_file"

    id: int | None = Field(default=None, primary_key=True)
    firm_id: int = Field(foreign_key="firm.id", index=True)
    user_id: int = Field(foreign_key="firm_user.id")
    name: str = Field(max_length=200)
    content: bytes
    created_at: datetime = Field(sa_type=UtcDateTime)
    imported_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = Field(default="", max_length=500)
