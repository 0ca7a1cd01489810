import json
import re
from pathlib import Path

from odoo.tests import tagged

from .api_common import ApiCommon

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
EXAMPLE = re.compile(
    r"```http\nPOST (\S+)\n(.*?)\n?\n(.*?)```\n\n```json\n(.*?)\n```", re.DOTALL
)
NAME = re.compile(r'"?<(\w+)>"?')


@tagged("post_install", "-at_install")
class TestApi(ApiCommon):
    """The examples of docs/api.md, called as another program calls them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._top_up(100)

    def _learn(self, answer, expected, names):
        """Compare an answer with the example's, and learn the ids that it names."""
        pattern = re.escape(json.dumps(json.loads(NAME.sub(r'"<\1>"', expected))))
        for name in dict.fromkeys(NAME.findall(expected)):
            known = re.escape(json.dumps(names[name])) if name in names else None
            pattern = pattern.replace(
                re.escape(f'"<{name}>"'), known or f"(?P<{name}>[^,\\]}}]+)"
            )
        found = re.fullmatch(pattern, json.dumps(answer))
        self.assertTrue(found, f"{answer} is not {expected}")
        names.update({name: json.loads(it) for name, it in found.groupdict().items()})

    def test_the_examples_work_and_may_be_sent_again(self):
        names = {
            "customer": self.customer.id,
            "wallet": self._wallet().id,
            "invoice": self._invoice(80).id,
            "credit_note": self._invoice(20, move_type="out_refund").id,
        }
        examples = EXAMPLE.findall(PAGE.read_text())
        self.assertEqual(len(examples), 9)
        for path, head, body, expected in examples:
            headers = dict(line.split(": ") for line in head.splitlines() if line)
            asked = NAME.sub(lambda it: str(names[it[1]]), body)
            with self.subTest(path):
                first = self._send(path, headers, asked)
                self.assertEqual(first.status_code, 200, first.text)
                self._learn(first.json(), expected, names)
                self.assertEqual(self._send(path, headers, asked).json(), first.json())
        self.assertBalance(145)
        self.assertEqual(self._wallet().held, 0)
        self.assertEqual(
            self.env["account.move"].browse(names["invoice"]).amount_residual, 55
        )
        payment = self.env["account.payment"].browse(names["payment"])
        self.assertRecordValues(payment, [{"amount": 50, "memo": "App 1042"}])
