import { registry } from "@web/core/registry";
import * as Allocation from "./utils/wallet_allocation_util";

// Starts on the wallet of a customer who has 100 in it and owes 30, 40 and 50.
registry.category("web_tour.tours").add("customer_wallet_allocation", {
    steps: () =>
        [
            Allocation.open(),
            Allocation.amountsAre("30.00", "40.00", "30.00"),
            Allocation.remains("0.00"),
            Allocation.pay(2, "45"),
            Allocation.remains("-5.00"),
            Allocation.cannotBePaid(),
            Allocation.clearAll(),
            Allocation.remains("100.00"),
            Allocation.pay(3, "12.50"),
            Allocation.remains("87.50"),
            Allocation.oldestFirst(),
            Allocation.amountsAre("30.00", "40.00", "30.00"),
            Allocation.pay(1, "0"),
            Allocation.remains("30.00"),
            Allocation.confirm(),
            Allocation.balanceIs("30.00"),
        ].flat(),
});
