/* global Chart */
import { loadBundle } from "@web/core/assets";
import { cookie } from "@web/core/browser/cookie";
import { getColor, getCustomColor, hexToRGBA } from "@web/core/colors/colors";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { formatCurrency } from "@web/core/currency";
import { formatMoney, isolate } from "../../utils/wallet_money";

import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";

/**
 * The balance over time: level from one movement to the next, as money is.
 *
 * Points are `{date, balance}` after that day, oldest first.
 */
export class WalletCurve extends Component {
    static template = "customer_wallet.WalletCurve";
    static props = { points: Array, currencyId: Number };

    setup() {
        this.canvasRef = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            (canvas) => {
                const chart = new Chart(canvas, this.getConfig());
                return () => chart.destroy();
            },
            () => [this.canvasRef.el, this.props.points]
        );
    }

    /** What the curve shows, for those who cannot see it. */
    get description() {
        const { points, currencyId } = this.props;
        const first = points[0];
        const last = points[points.length - 1];
        return _t("Balance from %(from)s (%(first)s) to %(to)s (%(last)s)", {
            from: formatDate(deserializeDate(first.date)),
            first: formatMoney(first.balance, currencyId),
            to: formatDate(deserializeDate(last.date)),
            last: formatMoney(last.balance, currencyId),
        });
    }

    getConfig() {
        const colorScheme = cookie.get("color_scheme");
        const color = getColor(3, colorScheme, "odoo");
        return {
            type: "line",
            data: {
                datasets: [
                    {
                        data: this.props.points.map(({ date, balance }) => ({
                            x: deserializeDate(date).toMillis(),
                            y: balance,
                        })),
                        borderColor: color,
                        backgroundColor: hexToRGBA(color, 0.15),
                        borderWidth: 2,
                        fill: "origin",
                        pointRadius: 0,
                        pointHitRadius: 12,
                        stepped: true,
                    },
                ],
            },
            options: this.getOptions(colorScheme),
        };
    }

    getOptions(colorScheme) {
        const { currencyId } = this.props;
        const isRtl = localization.direction === "rtl";
        const gridColor = getCustomColor(colorScheme, "#e7e9ed", "#3C3E4B");
        const ticks = {
            color: getCustomColor(colorScheme, "#5f636f", "#E4E4E4"),
            maxRotation: 0,
            autoSkipPadding: 24,
        };
        return {
            animation: false,
            maintainAspectRatio: false,
            interaction: { intersect: false, mode: "index" },
            plugins: {
                legend: { display: false },
                tooltip: {
                    displayColors: false,
                    rtl: isRtl,
                    callbacks: {
                        title: ([item]) =>
                            formatDate(deserializeDate(this.props.points[item.dataIndex].date)),
                        label: (item) => formatMoney(item.parsed.y, currencyId),
                    },
                },
            },
            scales: {
                x: {
                    type: "time",
                    reverse: isRtl,
                    time: { minUnit: "day" },
                    grid: { display: false },
                    ticks,
                },
                y: {
                    position: isRtl ? "right" : "left",
                    beginAtZero: true,
                    border: { display: false },
                    grid: { color: gridColor },
                    ticks: {
                        ...ticks,
                        maxTicksLimit: 5,
                        callback: (value) =>
                            isolate(
                                formatCurrency(value, currencyId, {
                                    humanReadable: true,
                                    noSymbol: true,
                                })
                            ),
                    },
                },
            },
        };
    }
}
