import type { Conversation } from './play.js';

/** Short service conversations that this project wrote, for where no data set is at hand. */
export const sampleConversations: readonly Conversation[] = [
  {
    id: 'sample-1-late-parcel',
    turns: [
      { speaker: 'customer', text: 'Hi, my parcel was supposed to arrive on Monday and it is still not here.' },
      { speaker: 'agent', text: 'I am sorry to hear that. May I have the order number, please?' },
      {
        speaker: 'customer',
        text: 'It is 48213. This is the second delivery that is late, and honestly I am very annoyed.',
      },
      {
        speaker: 'agent',
        text: 'Thank you. The parcel is at the depot in your town, and it goes out tomorrow morning.',
      },
      { speaker: 'customer', text: 'If it does not come tomorrow I want a refund.' },
      {
        speaker: 'agent',
        text: 'I understand. I have put a note on the order, so that we refund it without further questions.',
      },
      { speaker: 'customer', text: 'All right, thank you. That is helpful.' },
    ],
  },
  {
    id: 'sample-2-double-charge',
    turns: [
      { speaker: 'agent', text: 'Good afternoon, what can I do for you?' },
      { speaker: 'customer', text: 'You charged me twice this month, and I only have one line.' },
      { speaker: 'agent', text: 'Let me look at the invoice. Is it the one from the third of May?' },
      { speaker: 'customer', text: 'Yes. This is completely unacceptable, I want to file a complaint.' },
      {
        speaker: 'agent',
        text: 'You are right, the second charge is a mistake. I am sending it back to your account now.',
      },
      { speaker: 'customer', text: 'Good. How long does it take?' },
      { speaker: 'agent', text: 'Three working days at most. I will also open the complaint for you.' },
    ],
  },
  {
    id: 'sample-3-cancel-plan',
    turns: [
      { speaker: 'customer', text: 'I would like to cancel my premium plan.' },
      { speaker: 'agent', text: 'I can do that. May I ask why you are leaving?' },
      { speaker: 'customer', text: 'I hardly use it any more, it is not worth the price.' },
      { speaker: 'agent', text: 'There is a basic plan at a third of the price. Would that be better?' },
      { speaker: 'customer', text: 'No, please just cancel it.' },
      { speaker: 'agent', text: 'It is cancelled as of the end of this month. You keep access until then.' },
      { speaker: 'customer', text: 'Perfect, thanks.' },
    ],
  },
  {
    id: 'sample-4-router',
    turns: [
      { speaker: 'customer', text: 'My router keeps dropping the connection every few minutes.' },
      { speaker: 'agent', text: 'Which colour is the light on its front?' },
      { speaker: 'customer', text: 'It is orange and it blinks.' },
      {
        speaker: 'agent',
        text: 'Then it looks for a signal. Please pull the grey cable out, wait ten seconds and put it back.',
      },
      { speaker: 'customer', text: 'One moment. Now it is green, great!' },
      { speaker: 'agent', text: 'Wonderful. Tell us if it happens again, then we send you a new one.' },
    ],
  },
  {
    id: 'sample-5-supervisor',
    turns: [
      { speaker: 'customer', text: 'This is the third time I call about the same broken washing machine.' },
      { speaker: 'agent', text: 'I am sorry that it took so long. I see two visits of our technician.' },
      { speaker: 'customer', text: 'And nothing works! It is terrible. Please escalate this to a manager.' },
      { speaker: 'agent', text: 'I will bring in my supervisor right away. May I put you on hold for a minute?' },
      { speaker: 'customer', text: 'Fine, but I am not waiting an hour again.' },
      { speaker: 'agent', text: 'You will not. She already has your case in front of her.' },
    ],
  },
  {
    id: 'sample-6-new-card',
    turns: [
      { speaker: 'customer', text: 'I lost my bank card on the train this morning.' },
      { speaker: 'agent', text: 'Then let us block it first. Can you tell me the last four digits?' },
      { speaker: 'customer', text: 'They are 9 0 4 1.' },
      { speaker: 'agent', text: 'It is blocked, and nobody has used it. A new one reaches you within five days.' },
      { speaker: 'customer', text: 'That is a relief. Does the new one cost anything?' },
      { speaker: 'agent', text: 'No, a replacement after a loss is free once a year.' },
      { speaker: 'customer', text: 'Excellent, thank you very much.' },
    ],
  },
  {
    id: 'sample-7-hotel',
    turns: [
      { speaker: 'customer', text: 'I booked a room with a sea view and got one over the car park.' },
      { speaker: 'agent', text: 'That should not happen. Are you in the hotel at the moment?' },
      { speaker: 'customer', text: 'Yes, and the reception says they are full. I am really disappointed.' },
      { speaker: 'agent', text: 'I can move you tomorrow to a sea view and take off the price of tonight.' },
      { speaker: 'customer', text: 'And if they are full tomorrow as well?' },
      { speaker: 'agent', text: 'Then the whole stay is refunded. I have it here in writing for you.' },
      { speaker: 'customer', text: 'That is fair. Thanks for sorting it out.' },
    ],
  },
  {
    id: 'sample-8-address',
    turns: [
      { speaker: 'agent', text: 'Hello, you have reached the service desk.' },
      { speaker: 'customer', text: 'Hello, I moved house and need to change my address.' },
      { speaker: 'agent', text: 'Gladly. What is the new one?' },
      { speaker: 'customer', text: 'Mill Lane 12, the postcode stays the same.' },
      { speaker: 'agent', text: 'It is changed, from the first of the month. Is there anything else?' },
      { speaker: 'customer', text: 'No, that was quick. Have a nice day!' },
    ],
  },
];
