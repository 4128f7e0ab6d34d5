"""Sends a campaign's groups what they are to get: their ids and attributes, through data templates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from cdp_assets.audiences.segments.membership import ID
from cdp_assets.config.campaign import Campaign, CampaignDelivery, SubAudience, Treatment
from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.destination import DataTemplate, Destination
from cdp_assets.config.filename_template import with_date
from cdp_assets.config.tenant import Tenant
from cdp_assets.destinations.deliver import Consignment, Delivered, deliver, refuse_personal
from cdp_assets.destinations.export import Content
from cdp_assets.environments.outside import Outside, endpoint
from cdp_assets.environments.published import PublishedColumns
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.locations import Clients
from cdp_assets.hashing import sha256_of
from cdp_assets.home import Home
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName, database_layer
from cdp_assets.security.personal import is_personal
from cdp_assets.state import publications
from cdp_assets.state.database import State
from cdp_assets.state.publications import Publication


@dataclass(frozen=True)
class Sending:
    """A campaign's deliveries in one environment."""

    state: State
    home: Home
    environment: str
    tenant: Tenant
    campaign: Campaign
    clients: Clients

    def muted(self) -> list[str]:
        """Give the destinations that the environment does not reach; one is enough for nothing to be launched."""
        wanted = {self._destination(self._template(delivery)) for _, _, _, delivery in self.campaign.deliveries()}
        return sorted(one.name for one in wanted if endpoint(self.state, self.environment, one) is None)

    def refuse_personal(self, publication: Publication) -> None:
        """Raise DeliveryError where a destination may have no personal data; people's ids are such data as well."""
        catalog, columns = build_catalog(self.tenant), PublishedColumns(self.home.lake, publication)
        for _, _, _, delivery in self.campaign.deliveries():
            personal = [
                f"{table}.{column}"
                for table, column in _split(delivery)
                if is_personal(catalog, self._table(table), column, columns)
            ]
            destination = self._destination(self._template(delivery))
            refuse_personal(destination, [ID, *personal], f"campaign.{self.campaign.name}")

    def send(self, rows: pa.Table, launch: str) -> list[Delivered]:
        """Send the files of each group that a launch has recorded people of; what was sent is not sent again."""
        recorded = pl.DataFrame(rows)
        return [
            self._send(found, launch, part, treatment, delivery)
            for _, part, treatment, delivery in self.campaign.deliveries()
            if not (found := _group(recorded, part, treatment, delivery)).is_empty()
        ]

    def _send(
        self, rows: pl.DataFrame, launch: str, part: SubAudience, treatment: Treatment, delivery: CampaignDelivery
    ) -> Delivered:
        with self.state.read() as conn:
            publication = publications.get(conn, int(rows["dataset_version"][0]))
        template = self._template(delivery)
        outside = Outside(self.state, self.home, self.environment, self.tenant, self.clients)
        location = outside.destination(self._destination(template))
        assert location is not None  # noqa: S101 - a muted campaign is not launched
        which = sha256_of([launch, part.name, treatment.name, template.name])[:16]
        group = self.campaign.group_name(part, treatment)
        people = self._with_attributes(rows.select(ID).sort(ID), delivery, publication)
        name = f"{self.campaign.name}_{group}"
        consignment = Consignment(
            environment=self.environment,
            orchestration=f"campaign.{self.campaign.name}.{which}",
            publication_id=publication.id,
            template=self._named(template),
            contents=[Content(name, people.to_reader)],
            source=sha256_of([launch, part.name, treatment.name, delivery.attributes]),
            place=outside.place(self._destination(template)),
            now=rows["launch_datetime"][0],
            sent_by=f"launch {launch}",
            words={"campaign_name": self.campaign.name, "group_name": group, "list_name": name},
            recipient=outside.recipient(template),
        )
        return deliver(consignment, location, self.state, self.home.outgoing)

    def _named(self, template: DataTemplate) -> DataTemplate:
        """Give the template with the date in its files' name where the campaign is launched once."""
        if self.campaign.kind == "recurring":
            return template
        return template.model_copy(update={"filename": with_date(template.filename)})

    def _with_attributes(self, people: pl.DataFrame, delivery: CampaignDelivery, publication: Publication) -> pa.Table:
        """Give people with a delivery's attributes, as the publication has them."""
        wanted, found = list(_split(delivery)), people
        for table in dict.fromkeys(table for table, _ in wanted):
            entry = publication.entry(self._table(table))
            columns = [ID, *(column for other, column in wanted if other == table)]
            values = pl.DataFrame(delta.read(self.home.lake / entry.path, entry.version, columns=columns))
            found = found.join(values, on=ID, how="left", maintain_order="left")
        if found.height != people.height:
            raise DeliveryError(
                f"campaign.{self.campaign.name}: {delivery.data_template} sends attributes of a table in which "
                "somebody has several rows. Expected attributes of tables with one row per person."
            )
        return found.select(ID, *(column for _, column in wanted)).to_arrow()

    def _template(self, delivery: CampaignDelivery) -> DataTemplate:
        return self.tenant.data_templates[delivery.data_template]

    def _destination(self, template: DataTemplate) -> Destination:
        return self.tenant.destinations[template.destination]

    def _table(self, name: str) -> TableName:
        return TableName(database_layer(self.campaign.database), name)


def _split(delivery: CampaignDelivery) -> Iterator[tuple[str, str]]:
    """Give the table and the column of each attribute."""
    for attribute in delivery.attributes:
        table, _, column = attribute.partition(".")
        yield table, column


def _group(rows: pl.DataFrame, part: SubAudience, treatment: Treatment, delivery: CampaignDelivery) -> pl.DataFrame:
    return rows.filter(
        pl.col("sub_audience_id") == part.name,
        pl.col("treatment_id") == treatment.name,
        pl.col("target_id") == delivery.data_template,
    )
