// A short form of Lambda's managed Node runtime: it loads the handler, then asks the Runtime API
// for events, one after another. It is not TypeScript, because a cold start would then include
// stripping the types.
import { Agent, request } from 'node:http';

const {
  AWS_LAMBDA_RUNTIME_API: host,
  LAMBDA_TASK_ROOT: root,
  _HANDLER: handlerName = 'index.handler',
} = process.env;
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** @returns {Promise<{ headers: import('node:http').IncomingHttpHeaders, body: string }>} */
function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const url = `http://${host}/2018-06-01/runtime/${path}`;
    const sent = request(
      url,
      { method, agent, headers: { 'content-type': 'application/json' } },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** The managed runtime logs every enumerable property of an error. */
const logged = (error) =>
  JSON.stringify(error, (_key, value) =>
    value instanceof Error
      ? {
          errorType: value.name,
          errorMessage: value.message,
          ...value,
          stack: value.stack?.split('\n'),
        }
      : value,
  );

const reported = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: error.stack?.split('\n') }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };

async function init() {
  const [file, name] = handlerName.split('.');
  const { [name]: handler } = await import(new URL(`${file}.mjs`, `file://${root}/`).href);
  if (typeof handler !== 'function') throw new Error(`${handlerName} is not a function`);
  return handler;
}

async function serve(handler) {
  const { headers, body } = await call('GET', 'invocation/next');
  const id = headers['lambda-runtime-aws-request-id'];
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
  const context = {
    awsRequestId: id,
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    const answer = await handler(JSON.parse(body), context);
    await call('POST', `invocation/${id}/response`, JSON.stringify(answer ?? null));
  } catch (error) {
    process.stderr.write(
      `${new Date().toISOString()}\t${id}\tERROR\tInvoke Error\t${logged(error)}\n`,
    );
    await call('POST', `invocation/${id}/error`, JSON.stringify(reported(error)));
  }
}

try {
  const handler = await init();
  for (;;) await serve(handler);
} catch (error) {
  process.stderr.write(`ERROR\tUncaught Exception\t${logged(error)}\n`);
  await call('POST', 'init/error', JSON.stringify(reported(error))).catch(() => {});
  process.exit(1);
}
