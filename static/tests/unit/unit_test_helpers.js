import { registry } from "@web/core/registry";

/**
 * Keeps the till from starting with a view of the back office. The bundle of the unit
 * tests holds both, on a page they never meet: the till's dialogs get a service of the
 * name they ask for, and nothing else starts. All is as before after the test.
 */
export function stubTill() {
    const services = registry.category("services");
    const names = ["pos_data"];
    for (const removed of names) {
        for (const [name, service] of services.getEntries()) {
            if (service.dependencies?.includes(removed) && !names.includes(name)) {
                names.push(name);
            }
        }
    }
    names.forEach((name) => services.remove(name));
    services.add("pos", { start: () => ({}) });
}
