/** Changes of how something is sent: one after the other, as a browser takes no second one meanwhile. */

type Edit = (parameters: RTCRtpSendParameters) => void;

export class SendParameters {
  readonly #sender: RTCRtpSender;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(sender: RTCRtpSender) {
    this.#sender = sender;
  }

  /** What a browser does not let us say stays as it was. */
  change(edit: Edit): void {
    this.#turn = this.#turn.then(() => this.#apply(edit)).catch(() => undefined);
  }

  async #apply(edit: Edit): Promise<void> {
    const parameters = this.#sender.getParameters();
    edit(parameters);
    await this.#sender.setParameters(parameters);
  }
}
