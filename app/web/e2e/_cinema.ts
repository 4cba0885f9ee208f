// What the tests of the cinema hall share: its screenings, and counted taps.
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { baseURL } from "./_harness";

export interface Screening {
  id: number;
  audience: "public" | "branches";
  bookable: boolean;
  seats_free: number;
  seats_reserved: number;
  max_seats: number;
  starts_at: string;
}

/** screenings lists what can be booked, the next first. */
export async function screenings(): Promise<Screening[]> {
  const r = await fetch(`${baseURL}/api/v1/screenings?per_page=100&open=true`);
  return ((await r.json()) as { items: Screening[] }).items;
}

/** screening is the first one for an audience with plenty of free seats. */
export async function screening(audience: Screening["audience"]): Promise<Screening> {
  const found = (await screenings()).find((s) => s.audience === audience && s.bookable && s.seats_free > 60);
  expect(found, `a screening for ${audience}`).toBeDefined();
  return found!;
}

/** seatIDs lists free standard seats, in the order of the plan. */
export async function seatIDs(id: number): Promise<number[]> {
  const r = await fetch(`${baseURL}/api/v1/screenings/${id}/seats`);
  const { seats } = (await r.json()) as { seats: { id: number; state: string; kind: string }[] };
  return seats.filter((s) => s.state === "free" && s.kind === "standard").map((s) => s.id);
}

/** Taps counts what a reader presses and the fields they fill. */
export class Taps {
  presses = 0;
  fields = 0;

  constructor(readonly page: Page) {}

  /** tap presses something that stays on the page. */
  async tap(selector: string): Promise<void> {
    this.presses++;
    await this.page.click(selector);
  }

  /** go presses something that leads on. */
  async go(selector: string): Promise<void> {
    this.presses++;
    await Promise.all([this.page.waitForNavigation(), this.page.click(selector)]);
  }

  async fill(selector: string, text: string): Promise<void> {
    this.fields++;
    await this.page.fill(selector, text);
  }
}
