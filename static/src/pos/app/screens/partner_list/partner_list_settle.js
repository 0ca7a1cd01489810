import { patch } from "@web/core/utils/patch";
import { PartnerList } from "@point_of_sale/app/screens/partner_list/partner_list";
import { PartnerLine } from "@point_of_sale/app/screens/partner_list/partner_line/partner_line";
import "./partner_line/partner_line";

PartnerLine.props = [...PartnerLine.props, "onClickSettle?"];

patch(PartnerList.prototype, {
    settleDocuments(partner) {
        this.clickPartner(this.props.partner); // The order keeps its customer.
        return this.pos.settleDocuments(partner);
    },
});
