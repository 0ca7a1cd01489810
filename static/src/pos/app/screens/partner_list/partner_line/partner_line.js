import { PartnerLine } from "@point_of_sale/app/screens/partner_list/partner_line/partner_line";

PartnerLine.props = [...PartnerLine.props, "onClickTopUp?"];
