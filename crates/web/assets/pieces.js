// Sends a file piece by piece, each where the last one ended, and goes on after whatever broke.
import { Lost, again, ask, credentials } from "./api.js";

const SMALLEST = 1 << 20;
const LARGEST = 64 << 20;
// A piece is to take about so long, so that little is sent again after a cut, and a quick line is not asked all the time.
const WANTED = 4000;
// Nothing at all passes for so long: the line is dead, whatever the browser believes.
const STILL = 70000;
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30000;

// It cannot be gone on with: what the server said, or a word of the page's.
export class Refused extends Error {
  constructor(data) {
    super(data.detail ?? data.word);
    this.data = data;
  }
}

// Somebody wants to leave it, or to wait.
class Held extends Error {}

function put(id, offset, piece, headers, told, hold) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer = 0;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), STILL);
    };
    request.open("PATCH", `/api/uploads/${id}`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.setRequestHeader("Upload-Offset", String(offset));
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.upload.onprogress = (event) => { alive(); told(offset + event.loaded); };
    request.onload = () => {
      let data = {};
      try { data = JSON.parse(request.responseText); } catch { /* nothing was said */ }
      resolve({ status: request.status, data, after: Number(request.getResponseHeader("Retry-After")) });
    };
    request.onerror = () => reject(new Lost());
    request.onabort = () => reject(hold.wanted ? new Held() : new Lost());
    request.onloadend = () => { clearTimeout(timer); hold.cut = null; };
    hold.cut = () => request.abort();
    alive();
    request.send(piece);
  });
}

const kind = (answer) => (answer.data.type ?? "").replace("/problems/", "");

// How long to wait before the next try, in milliseconds; nothing can be done about the rest.
async function wait(answer, pause) {
  if (!answer) return pause;
  if (answer.status === 401) return (await again(), 0);
  if (answer.status === 429) return Math.max(answer.after * 1000, pause);
  if (answer.status === 409) return kind(answer) === "upload-offset" ? 0 : pause;
  if (answer.status === 408 || (answer.status >= 500 && answer.status !== 507)) return pause;
  if (answer.status === 404) throw new Refused({ word: "gone" });
  throw new Refused(answer.data);
}

async function there(id) {
  const answer = await ask("GET", `/api/uploads/${id}`).catch(() => null);
  if (answer?.status === 404) throw new Refused({ word: "gone" });
  return answer?.ok ? answer.data.offset : null;
}

// Whether the file is still what was chosen: browsers refuse to read one that was changed since.
async function readable(piece) {
  const first = await piece.slice(0, 1).arrayBuffer().catch(() => null);
  if (!first) throw new Refused({ word: "changed" });
}

export class Sender {
  #hold = { wanted: "", cut: null };
  #wake = () => {};

  // `shows` has `moved(bytes)`, `waits(seconds)`, `held(words)` and `goes()`.
  constructor(upload, file, shows) {
    Object.assign(this, { upload, file, shows });
    addEventListener("online", () => this.#wake());
  }

  pause(words = "") {
    this.#hold.wanted = "pause";
    this.#hold.cut?.();
    this.#wake();
    this.shows.held(words);
  }

  resume() {
    this.#hold.wanted = "";
    this.#wake();
  }

  leave() {
    this.#hold.wanted = "leave";
    this.#hold.cut?.();
    this.#wake();
  }

  #sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = milliseconds === Infinity ? 0 : setTimeout(resolve, milliseconds);
      this.#wake = () => { clearTimeout(timer); resolve(); };
    });
  }

  // Whether it is to go on.
  async #allowed() {
    while (this.#hold.wanted === "pause") await this.#sleep(Infinity);
    return this.#hold.wanted !== "leave";
  }

  // Sends what is missing; whether all of it is there.
  async all() {
    const { upload, file, shows } = this;
    let [pause, size] = [FIRST_PAUSE, SMALLEST];
    while (upload.offset < upload.bytes) {
      if (!(await this.#allowed())) return false;
      shows.goes();
      const piece = file.slice(upload.offset, upload.offset + size);
      const begun = performance.now();
      const answer = await put(upload.id, upload.offset, piece, await credentials(), shows.moved, this.#hold)
        .catch((error) => error);
      if (answer.status === 204) {
        upload.offset += piece.size;
        pause = FIRST_PAUSE;
        const fits = size * WANTED / Math.max(performance.now() - begun, 1);
        size = Math.round(Math.min(Math.max(fits, size / 2, SMALLEST), size * 2, LARGEST));
        continue;
      }
      if (answer instanceof Held) {
        upload.offset = (await there(upload.id)) ?? upload.offset;
        continue;
      }
      pause = await this.#trouble(answer instanceof Lost ? null : answer, piece, pause);
    }
    return true;
  }

  async #trouble(answer, piece, pause) {
    await readable(piece);
    // Somebody has to make room first; then it goes on where it was.
    if (answer?.status === 507) this.pause(answer.data.detail);
    else {
      const milliseconds = await wait(answer, pause);
      if (milliseconds > 0) {
        this.shows.waits(Math.ceil(milliseconds / 1000));
        await this.#sleep(milliseconds);
      }
    }
    // What of it got through is there.
    const offset = await there(this.upload.id);
    this.upload.offset = offset ?? this.upload.offset;
    return Math.min(pause * 2, LONGEST_PAUSE);
  }
}
