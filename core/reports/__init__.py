"""Reports that members save for their business: a question of Explore under a name."""

from core.reports.rows import MOST_REPORTS, Report, delete_report, list_reports, rename_report, save_report

__all__ = ["MOST_REPORTS", "Report", "delete_report", "list_reports", "rename_report", "save_report"]
