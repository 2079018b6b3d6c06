"""Audits: questions that a bureau must ask of its own map again and again, each row of the answer explained."""

from __future__ import annotations

from geo.audits.audit import Audit, AuditAnswer, AuditQuery, Finding
from geo.audits.registry import AUDITS, ask_audit, choose_audit

__all__ = ["AUDITS", "Audit", "AuditAnswer", "AuditQuery", "Finding", "ask_audit", "choose_audit"]
