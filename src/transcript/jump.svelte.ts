/** A moment of a transcript that somebody asked to be shown, before the transcript is on the screen. */
class Jump {
  #to = $state.raw<{ jobId: string; seconds: number } | null>(null);

  get to(): { jobId: string; seconds: number } | null {
    return this.#to;
  }

  ask(jobId: string, seconds: number): void {
    this.#to = { jobId, seconds };
  }

  done(): void {
    this.#to = null;
  }
}

export const jump = new Jump();
