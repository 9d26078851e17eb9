// Questions to Python: an answer finds its question by number; silence is shown after a second.
const SLOW_MS = 1000;

export class Asking {
  constructor(model, { onBusy, onMessage }) {
    this.model = model;
    this.onBusy = onBusy;
    this.waiting = new Map();
    this.last = 0;
    this.hear = (message, buffers) => {
      const question = this.waiting.get(message.req);
      if (message.req !== undefined) this.waiting.delete(message.req);
      this.settle();
      if (question) question({ ...message, block: read(buffers) });
      else onMessage(message);
    };
    model.on("msg:custom", this.hear);
  }

  ask(content) {
    const req = ++this.last;
    const timer = setTimeout(() => this.onBusy(this.waiting.has(req)), SLOW_MS);
    return new Promise((resolve) => {
      this.waiting.set(req, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.model.send({ ...content, req });
    });
  }

  settle() {
    if (this.waiting.size === 0) this.onBusy(false);
  }

  close() {
    this.model.off("msg:custom", this.hear);
    this.waiting.clear();
  }
}

function read(buffers) {
  const block = buffers?.[0];
  return block ? JSON.parse(new TextDecoder().decode(block)) : null;
}
