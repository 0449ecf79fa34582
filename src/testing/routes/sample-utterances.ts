import type { TrainingExample } from './nlu.js';

const sentences: Readonly<Record<string, readonly string[]>> = {
  greeting: [
    'hello',
    'hi',
    'hi there',
    'good morning',
    'hey',
    'good afternoon',
    'hello is anyone there',
    'hi I need some help',
  ],
  book_flight: [
    'book flight to paris',
    'I want to book a flight to Lisbon',
    'I need a ticket to Oslo',
    'can you book me on a flight to Rome',
    'reserve a seat on the plane to Vienna',
    'I would like to fly to Dublin',
    'book two tickets to Paris please',
    'get me a flight from Oslo to Rome',
  ],
  provide_date: [
    'departing next monday',
    'on friday',
    'next tuesday',
    'leaving tomorrow',
    'the 14th of march',
    'departing on the 2nd of may',
    'tomorrow morning',
    'I leave next friday',
  ],
  confirm_booking: [
    'confirm booking',
    'yes please confirm',
    'yes that is right',
    'go ahead and book it',
    'confirm the booking please',
    'yes book it',
    'that is correct confirm it',
    'looks good please confirm',
  ],
  change_seat: [
    'I want to change my seat',
    'can I sit at the window',
    'move me to seat 12A',
    'I would like an aisle seat instead',
    'please change my seat to 7C',
    'is seat 21F free',
    'can you give me another seat',
    'I need a different seat',
  ],
  cancel_booking: [
    'cancel my booking',
    'I want to cancel my flight',
    'please cancel the reservation KL4821',
    'I cannot travel any more cancel it',
    'cancel booking QX7730',
    'I no longer need the ticket',
    'call off my trip please',
    'I have to cancel',
  ],
  refund_status: [
    'where is my refund',
    'I am still waiting for my money back',
    'has my refund been paid',
    'when do I get my refund for KL4821',
    'my refund has not arrived',
    'what is the status of my refund',
    'refund status please',
    'how long does a refund take',
  ],
  baggage_question: [
    'how many bags can I take',
    'is a suitcase included',
    'how much is an extra bag',
    'my luggage is lost',
    'what may my suitcase weigh',
    'can I bring a bicycle as baggage',
    'how big can hand luggage be',
    'I want to add a bag',
  ],
  goodbye: [
    'thank you bye',
    'thanks that is all',
    'goodbye',
    'bye',
    'that was all thank you',
    'thanks for your help',
    'have a nice day',
    'see you',
  ],
};

const places = ['paris', 'lisbon', 'oslo', 'rome', 'vienna', 'dublin'];
const dates = ['next monday', 'next tuesday', 'next friday', 'tomorrow', '14th of march', '2nd of may', 'friday'];

function entitiesIn(text: string): Readonly<Record<string, string>> {
  const spoken = (phrases: readonly string[]): string | undefined => {
    const phrase = phrases.find((candidate) => text.toLowerCase().includes(candidate));
    return phrase === undefined ? undefined : text.slice(text.toLowerCase().indexOf(phrase)).slice(0, phrase.length);
  };
  const found = {
    city: spoken(places),
    date: spoken(dates),
    booking_code: /\b[A-Z]{2}\d{4}\b/.exec(text)?.[0],
    seat: /\b\d{1,2}[A-F]\b/.exec(text)?.[0],
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Sentences of an airline's customers, written for this project: what the tenant's NLU knows before it is trained. */
export const sampleUtterances: readonly TrainingExample[] = Object.entries(sentences).flatMap(([intent, texts]) =>
  texts.map((text) => ({ text, intent, entities: entitiesIn(text) })),
);
