// OpenAI's npm package over the calls that it offers for videos. Run in the folder it is installed in:
//   node openai_videos.mjs <base URL> <picture of 1280x720>
// Prints one JSON object of findings; ends with an error if a call fails.

import { strict as assert } from "node:assert";
import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const OpenAI = createRequire(join(process.cwd(), "package.json"))("openai");
const [baseURL, picture] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey: "sk-test", maxRetries: 0 });
const small = { model: "sora-2", seconds: "4", size: "1280x720" };
const found = {};

async function finish(video) {
  while (video.status === "queued" || video.status === "in_progress") {
    await new Promise((resolve) => setTimeout(resolve, 100));
    video = await client.videos.retrieve(video.id);
  }
  assert.equal(video.status, "completed", JSON.stringify(video.error));
  return video;
}

async function bytes(response) {
  return Buffer.from(await response.arrayBuffer());
}

async function refusal(call) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof OpenAI.APIError, String(error));
    return { status: error.status, code: error.code, param: error.param, named: Boolean(error.requestID) };
  }
  throw new Error("the call was not refused");
}

const text = await finish(await client.videos.create({ ...small, prompt: "a paper boat" }));
found.fields = Object.keys(text).sort();
assert.equal(text.error, null);

const file = createReadStream(picture);
const pictured = await client.videos.create({ ...small, prompt: "it moves", input_reference: file });
await finish(pictured);

const listed = [];
for await (const video of client.videos.list({ limit: 1, order: "asc" })) listed.push(video.id);
assert.deepEqual(listed, [text.id, pictured.id]);

const film = await bytes(await client.videos.downloadContent(text.id));
assert.equal(film.subarray(4, 8).toString(), "ftyp");
for (const variant of ["thumbnail", "spritesheet"]) {
  found[variant] = (await client.videos.downloadContent(text.id, { variant })).headers.get("content-type");
}

const remix = await finish(await client.videos.remix(text.id, { prompt: "at night" }));
assert.equal(remix.remixed_from_video_id, text.id);
const upload = await OpenAI.toFile(film, "clip.mp4", { type: "video/mp4" });
found.extend = (await finish(await client.videos.extend({ prompt: "on", seconds: "8", video: upload }))).seconds;
const again = await OpenAI.toFile(film, "clip.mp4", { type: "video/mp4" });
found.edit = (await finish(await client.videos.edit({ prompt: "in the rain", video: again }))).seconds;
const byId = client.videos.extend({ prompt: "on", seconds: "4", video: { id: text.id } });
found.extendById = await byId.then((video) => video.seconds, (error) => String(error));

found.deleted = await client.videos.delete(pictured.id);
found.unknown = await refusal(() => client.videos.retrieve("video_nobody"));
found.size = await refusal(() => client.videos.create({ ...small, prompt: "a boat", size: "1920x1080" }));
found.busy = await refusal(() => client.videos.create({ ...small, prompt: "a boat #429" }));

console.log(JSON.stringify(found));
