"""What stands around every page, whoever publishes it: banner, footer, names."""

from html import escape
from typing import NamedTuple

from healthmon.show.headlines import month_zh
from healthmon.show.publish_terms import PublishTerms


class Frame(NamedTuple):
    """Texts around a page."""

    province: str
    site_title: str
    month: str
    banner: str
    footer: tuple[tuple[str, str], ...]

    @property
    def month_zh(self) -> str:
        """The month in Chinese."""
        return month_zh(self.month) if self.month else ""

    def banner_html(self) -> str:
        """Banner on pages made from simulated data; nothing on others."""
        if not self.banner:
            return ""
        return f'<div class="hm-banner" role="note"><p>{escape(self.banner)}</p></div>'

    def footer_html(self) -> str:
        """Footer as a list of terms."""
        items = "".join(
            f"<div><dt>{escape(term)}</dt><dd>{escape(value)}</dd></div>"
            for term, value in self.footer
        )
        return f'<dl class="hm-provenance">{items}</dl>'


def make_frame(
    terms: PublishTerms, month: str, manifest: dict, manifest_hash: str, *, is_simulated: bool
) -> Frame:
    """Make the frame of a month's pages.

    Parameters
    ----------
    manifest : dict
        As :func:`healthmon.publish.manifest.make_manifest`.
    manifest_hash : str
        SHA-256 of the manifest file.
    """
    code = manifest["code"]
    version = code["version"] + (f"（{code['commit'][:10]}）" if code["commit"] else "")
    footer = (
        ("月份", month_zh(month)),
        ("依据", "、".join(terms.site.documents)),
        ("数据清单", f"manifest.json {manifest_hash[:12]}"),
        ("程序版本", f"healthmon {version}"),
        ("发布方式", manifest["publisher"]["name"]),
        ("制作时间", manifest["created"][:16].replace("T", " ")),
        ("隐去规则", terms.withheld_note()),
        ("地图", terms.texts.map),
    )
    banner = terms.texts.simulated if is_simulated else ""
    return Frame(terms.site.province, terms.site.title, month, banner, footer)
